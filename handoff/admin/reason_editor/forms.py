"""The form of a reason: what it names, and for a rejection reason what follows from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.text import slugify

from core.folding import fold
from core.merging import Merge, Values, merge, sent_base
from handoff.models import LossReason, OutcomeReason, RejectionReason, ReversalReason
from handoff.models.answers import KEYS, first_free_key
from handoff.rejection_routes import ROUTES, RejectionRoute
from leads.models import TouchKind

Reason = RejectionReason | OutcomeReason
CODE_LENGTH: Final = 40
CODE_ERRORS: Final = {
    "unique": "Another reason has this code. Codes are never used again.",
    "invalid": "Use letters without accents, digits, hyphens and underscores.",
}


class ReasonForm(forms.ModelForm[Any]):
    """Changes of one reason since the page was shown, merged with those of other editors.

    `reasons` are all reasons of the kind. What the page did not show is as stored.
    """

    line_fields: ClassVar[Sequence[str]] = ("label", "code")
    grid_fields: ClassVar[Sequence[str]] = ()
    list_fields: ClassVar[Sequence[str]] = ()
    switch_fields: ClassVar[Sequence[str]] = ("is_active",)

    def __init__(self, reason: Any, reasons: Sequence[Any], data: QueryDict | None = None) -> None:
        self.reasons = reasons
        self.before = reason
        super().__init__(
            instance=copy.copy(reason), auto_id="reason-%s", use_required_attribute=False
        )
        self.is_new = reason.pk is None
        self.stored = self._stored_values()
        base = sent_base(data.get("base", "")) if data else None
        self.base = {**self.stored, **(base or {})}
        self.shown = set(self.fields if base is None else base)
        self.merge = Merge(self.stored, frozenset(), frozenset())
        self.changed: set[str] = set()
        self.derived = ""
        if data is None:
            self.fields["label"].widget.attrs["autofocus"] = True
        else:
            self.sent = self.data = data.copy()
            self.is_bound = True
            sent = self._sent_values()
            self.changed = {name for name in sent if sent[name] != self.base[name]}
            self.merge = merge(self.base, self.stored, sent)
            self._show_theirs()
            self._derive_code()
        self._drop_fields()

    @property
    def base_text(self) -> str:
        """Return with what values this page is shown, for the comparison when it is sent."""
        return json.dumps({name: self.stored[name] for name in self.fields})

    @property
    def lines(self) -> Iterator[forms.BoundField]:
        return self._present(self.line_fields)

    @property
    def grid(self) -> Iterator[forms.BoundField]:
        return self._present(self.grid_fields)

    @property
    def lists(self) -> Iterator[forms.BoundField]:
        return self._present(self.list_fields)

    @property
    def switches(self) -> Iterator[forms.BoundField]:
        return self._present(self.switch_fields)

    @property
    def displaced(self) -> Any:
        """Return the other reason that this change also changes, if there is one."""
        return None

    @property
    def theirs(self) -> list[str]:
        """Return the labels of what another editor changed meanwhile, and this form keeps."""
        names = self.merge.theirs & self.fields.keys()
        return sorted(str(self.fields[name].label) for name in names)

    def add_error(self, field: str | None, error: Any) -> None:
        """Leave out what the model says of fields that are not shown, or that fail anyway."""
        if field is None and hasattr(error, "error_dict"):
            for name, problems in error.error_dict.items():
                if name == NON_FIELD_ERRORS:
                    super().add_error(None, problems)
                elif name in self.fields and name not in self.errors:
                    super().add_error(name, problems)
        else:
            super().add_error(field, error)

    def add_conflicts(self) -> None:
        for name in self.merge.conflicts & self.fields.keys():
            theirs = self._words(name, self.stored[name])
            self.add_error(
                name,
                f"Another user changed this to {theirs} meanwhile. Yours is shown here and is not "
                "saved yet. Save to replace theirs.",
            )

    def forgive_empty_fields(self) -> None:
        """Drop the errors of what is still to be filled in, before the form is saved."""
        for name in [name for name in self.errors if self.has_error(name, "required")]:
            del self.errors[name]

    def _present(self, names: Sequence[str]) -> Iterator[forms.BoundField]:
        return (self[name] for name in names if name in self.fields)

    def _drop_fields(self) -> None:
        """Leave out what cannot be changed, or means nothing for this reason."""
        if self.is_new:
            self.fields["code"].required = False  # an empty one follows the label
        else:
            del self.fields["code"], self.fields["is_active"]

    def _stored_values(self) -> Values:
        return {
            name: _plain(self.get_initial_for_field(field, name))
            for name, field in self.fields.items()
        }

    def _sent_values(self) -> Values:
        """Return the values of what the page showed."""
        return {
            name: _plain(field.widget.value_from_datadict(self.data, {}, name))
            for name, field in self.fields.items()
            if name in self.shown
        }

    def _show_theirs(self) -> None:
        """Put into the form what is stored of the parts that this editor did not change."""
        for name in self.fields.keys() - (self.shown - self.merge.theirs):
            value = self.stored[name]
            self.sent.setlist(name, value if isinstance(value, list) else [value] if value else [])

    def _derive_code(self) -> None:
        """Follow the label with the code of a new reason, until somebody types a code."""
        typed, derived = (self.data.get(name, "").strip() for name in ("code", "derived"))
        self.derived = derived
        if self.is_new and typed in ("", derived):
            taken = {reason.code for reason in self.reasons}
            self.derived = self.sent["code"] = code_for(self.data.get("label", ""), taken)

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(value, bool):
            return "yes" if value else "no"
        labels = dict(getattr(field, "choices", ()))
        values = value if isinstance(value, list) else [value]
        return ", ".join(str(labels.get(text, text)) for text in values if text) or "nothing"


def _plain(value: Any) -> Any:
    """Return a value as JSON and as forms have it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [str(part) for part in value]
    return "" if value is None else str(value).strip()


def code_for(label: str, taken: set[str]) -> str:
    """Return a new code from the label: “Outside our region” is outside_our_region."""
    if not label.strip():
        return ""
    start = slugify(fold(label)).replace("-", "_")[:CODE_LENGTH].strip("_") or "reason"
    code, number = start, 1
    while code in taken:
        number += 1
        code = f"{start[: CODE_LENGTH - 4]}_{number}"
    return code


class RejectionReasonForm(ReasonForm):
    line_fields = ("label", "code", "help")
    grid_fields = ("route", "cool_down_days", "key", "fault")
    list_fields = ("signal_kinds",)
    switch_fields = ("requires_note", "requires_attempts", "credits_round_robin", "is_active")

    signal_kinds = forms.MultipleChoiceField(
        label="Buying signals",
        required=False,
        choices=TouchKind.choices,
        widget=forms.SelectMultiple({"data-combobox": ""}),
        help_text="Touches at which the lead is offered to sales again.",
    )

    class Meta:
        model = RejectionReason
        fields = (
            *("label", "code", "help", "key", "route", "cool_down_days", "signal_kinds"),
            *("fault", "requires_note", "requires_attempts", "credits_round_robin", "is_active"),
        )
        labels: ClassVar = {
            "help": "When to use it",
            "route": "Follow-up",
            "cool_down_days": "Days before it may resurface",
            "fault": "Fault of",
            "requires_note": "Reps must add a note",
            "requires_attempts": "Only after the attempts that the SLA policy requires",
            "credits_round_robin": "The rep gets their position in the round robin back",
            "is_active": "Reps can choose it as soon as it is saved",
        }
        help_texts: ClassVar = dict.fromkeys(fields, "") | {
            "code": "For reports and programs. It never changes after the reason is saved.",
            "help": "Reps read this line below the label.",
            "route": "Decides where a rejected lead goes from now on.",
            "fault": "Which part of marketing or sales it points to.",
        }
        error_messages: ClassVar = {
            "code": CODE_ERRORS,
            "label": {"required": "Enter the label that reps read."},
            "route": {"required": "Choose where rejected leads go."},
        }

    def __init__(self, reason: Any, reasons: Sequence[Any], data: QueryDict | None = None) -> None:
        if reason.pk is None:
            keys = sorted((row.is_active, row.key) for row in reasons if row.key)
            reason.key = first_free_key({key: is_active for is_active, key in keys})
        super().__init__(reason, reasons, data)
        for name, text in self.route.needs.items() if self.route else ():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = text
        if "key" in self.fields:
            key: Any = self.fields["key"]
            key.choices = list(self._key_choices())
            key.required = self.instance.key is not None
        route: Any = self.fields["route"]
        choices = [(row.code, row.label) for row in ROUTES.values()]
        route.choices = [("", "Choose one"), *choices] if self.is_new else choices

    @property
    def holders(self) -> dict[str, Any]:
        """Return the other active reasons by their key."""
        return {
            str(reason.key): reason
            for reason in self.reasons
            if reason.is_active and reason.key and reason.pk != self.instance.pk
        }

    @property
    def base_text(self) -> str:
        holders = {key: reason.pk for key, reason in self.holders.items()}
        return json.dumps({**json.loads(super().base_text), "holders": holders})

    @property
    def displaced(self) -> RejectionReason | None:
        """Return the active reason whose key this one takes, with the key it gets instead."""
        new = self.instance.key if self.instance.is_active else None
        holder = self.holders.get(str(new))
        if holder is None:
            return None
        taken = {reason.key for reason in self.reasons if reason.is_active}
        free = [key for key in KEYS if key not in taken]
        mine = self.before.key if not self.is_new else None
        displaced: RejectionReason = copy.copy(holder)
        displaced.key = mine or (free[0] if free else None)
        return displaced

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        chosen, seen = str(self.data.get("key", "")), self.base.get("holders")
        holder = self.holders.get(chosen)
        is_seen = not isinstance(seen, dict) or holder is None or seen.get(chosen) == holder.pk
        if chosen != self.stored["key"] and not is_seen:
            self.add_error(
                "key", f"“{holder}” has this key since you opened the page. Save to swap the keys."
            )
        return data

    def add_conflicts(self) -> None:
        super().add_conflicts()
        lost = self.changed - self.fields.keys()
        if "route" in self.merge.theirs and lost:
            labels = ", ".join(sorted(f"“{self.base_fields[name].label}”" for name in lost))
            self.add_error(
                "route",
                f"Another user changed this meanwhile, and leads of this route have no {labels}. "
                "Save to keep theirs, or choose another one.",
            )

    def _get_validation_exclusions(self) -> set[str]:
        """Leave out that keys are unique: two reasons may swap theirs."""
        names: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return names | {"key"}

    @property
    def route(self) -> RejectionRoute | None:
        return ROUTES.get(self.data.get("route") or self.instance.route)

    def _drop_fields(self) -> None:
        super()._drop_fields()
        if not self.is_new and not self.instance.is_active:
            del self.fields["key"]
        if self.route is None or not self.route.keeps_lead_open:
            del self.fields["cool_down_days"], self.fields["signal_kinds"]

    def _key_choices(self) -> Iterator[tuple[str | int, str]]:
        if self.instance.key is None:
            yield "", "Next free key"
        for key in KEYS:
            holder = self.holders.get(str(key))
            yield key, f"{key}, swap with “{holder}”" if holder else str(key)


class OutcomeReasonForm(ReasonForm):
    class Meta:
        model: type[OutcomeReason]
        fields = ("label", "code", "is_active")
        labels: ClassVar = {"is_active": "It can be chosen as soon as it is saved"}
        help_texts: ClassVar = {
            "code": "For reports and programs. It never changes after the reason is saved."
        }
        error_messages: ClassVar = {
            "code": CODE_ERRORS,
            "label": {"required": "Enter the label that people read."},
        }


class LossReasonForm(OutcomeReasonForm):
    class Meta(OutcomeReasonForm.Meta):
        model = LossReason


class ReversalReasonForm(OutcomeReasonForm):
    class Meta(OutcomeReasonForm.Meta):
        model = ReversalReason
