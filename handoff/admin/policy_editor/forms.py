"""The form of a policy: its settings, the time and escalation of each target, a new target."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.merging import Values
from handoff.admin.policy_editor.words import subject_of
from handoff.clock_kinds import ClockKind
from handoff.models import SlaTarget
from handoff.sla.durations import duration_words, minutes_of
from leads.models import LeadType, Temperature

SPANS = (("True", "working time"), ("False", "around the clock"))


class DurationField(forms.CharField):
    """Minutes, typed and shown as “8 hours”."""

    def prepare_value(self, value: Any) -> Any:
        return duration_words(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        try:
            return minutes_of(super().clean(value))
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


def duration_field(label: str) -> DurationField:
    attrs = {"autocomplete": "off", "size": 12}
    return DurationField(max_length=60, label=label, widget=forms.TextInput(attrs=attrs))


def number_field(label: str, *, most: int, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most)


class PolicyForm(forms.Form):
    """Only the fields that were sent are checked and saved."""

    name = forms.CharField(max_length=100, label="Name")
    is_default = forms.TypedChoiceField(
        choices=(("True", "Rules that name no policy"), ("False", "Rules that name it")),
        coerce=lambda value: value == "True",
        label="Used by",
    )
    hop_limit = number_field("Reassignments before the last queue", most=20, least=0)
    attempts_required = number_field(
        "Attempts required before a rep can reject as Unresponsive", most=50, least=0
    )

    def __init__(
        self, stored: Values, targets: list[SlaTarget], data: QueryDict | None = None
    ) -> None:
        super().__init__(
            data, initial=dict(stored), auto_id="policy-%s", use_required_attribute=False
        )
        self.stored = stored
        for target in targets:
            subject = subject_of(target)
            self.fields |= {
                f"{target.pk}-within_minutes": duration_field(f"{subject}: within"),
                f"{target.pk}-counts_business_time": forms.TypedChoiceField(
                    choices=SPANS,
                    coerce=lambda value: value == "True",
                    label=f"{subject}: time that counts",
                ),
                f"{target.pk}-warn_at_percent": number_field("Percent of the target", most=99),
            }
        if data is not None:
            for name in [name for name in self.fields if name not in data]:
                del self.fields[name]

    @property
    def reassignments(self) -> forms.BoundField | None:
        return self["hop_limit"] if "hop_limit" in self.fields else None

    @property
    def base(self) -> str:
        return json.dumps(dict(self.stored))

    def values(self) -> Values:
        """Return what was sent and is valid."""
        return dict(self.cleaned_data)


class NewTargetForm(forms.Form):
    """An exception for some leads."""

    lead_type = forms.ModelChoiceField(
        queryset=LeadType.objects.all(), required=False, label="Lead type"
    )
    temperature = forms.ChoiceField(
        choices=[("", "All"), *Temperature.choices], required=False, label="Temperature"
    )
    within_minutes = duration_field("Within")

    def __init__(
        self,
        kind: ClockKind,
        lead_types: Sequence[LeadType],
        sent: QueryDict | None = None,
        *,
        is_checked: bool = False,
    ) -> None:
        """Show what was sent again; check it only when the target is to be added."""
        prefix = kind.code
        initial = {name: sent.get(f"{prefix}-{name}") for name in self.base_fields} if sent else {}
        super().__init__(
            sent if is_checked else None,
            initial=initial,
            prefix=prefix,
            auto_id="new-%s",
            use_required_attribute=False,
        )
        self.kind = kind
        choice: Any = self.fields["lead_type"]
        choice.choices = [("", "All"), *((row.pk, row.name) for row in lead_types)]
        self.is_open = is_checked or any(initial.values())

    def target(self) -> SlaTarget:
        return SlaTarget(clock=self.kind.code, **self.cleaned_data)
