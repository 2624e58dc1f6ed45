"""The form of a scoring model: its settings, its groups, and the criterion that is open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.criteria.fields import Catalog, Field
from core.formatting import AMERICAN, shown_in
from core.merging import Values
from leads.admin.condition_rows import (
    ConditionRow,
    condition_words,
    grouped_fields,
    sent_rows,
    stored_row,
    with_error,
)
from leads.admin.scoring_editor.editing import CRITERION_COLUMNS, NEW_CRITERION
from leads.admin.scoring_editor.words import SCALE, days_of, days_words
from leads.models import ScoringGroup

MAX_POINTS = 1000


class DaysField(forms.CharField):
    """Days, typed and shown as “30 days”."""

    def prepare_value(self, value: Any) -> Any:
        return days_words(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        try:
            return days_of(super().clean(value))
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


def number_field(label: str, *, least: int = 0, most: int = MAX_POINTS) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most)


def text_field(label: str, length: int, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=length, widget=widget, **options)


class ScoringForm(forms.Form):
    """Only the fields that were sent are checked and saved."""

    name = text_field("Name", 100)
    mql_threshold = number_field("MQL from", most=SCALE)
    intent = forms.TypedChoiceField(coerce=int, label="Intent score from", required=False)

    def __init__(
        self,
        stored: Values,
        groups: Sequence[ScoringGroup],
        catalog: Catalog,
        open_id: int = 0,
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(
            data, initial=dict(stored), auto_id="scoring-%s", use_required_attribute=False
        )
        self.stored, self.catalog = stored, catalog
        self.open_id = open_id if f"criterion-{open_id}-points" in stored else 0
        intent: Any = self.fields["intent"]
        intent.choices = [(group.pk, str(group)) for group in groups]
        if not stored["intent"]:
            intent.choices = [(0, "Choose a group"), *intent.choices]
        for group in groups:
            self.fields |= {
                f"group-{group.pk}-label": text_field(f"Name of the group {group}", 60),
                f"group-{group.pk}-cap": number_field(f"Cap of {group}"),
            }
        if self.open_id:
            self.fields |= self._criterion_fields()
        self.row = self._row(data)
        if data is not None:
            for name in [name for name in self.fields if name not in data]:
                del self.fields[name]

    def start_at_points(self) -> None:
        """Put the cursor into the points of the open criterion, unless it lacks a field."""
        points = self.fields.get(f"{self.criterion}-points")
        if points is not None and self.row is not None and self.row.field is not None:
            points.widget.attrs["autofocus"] = True

    @property
    def base(self) -> str:
        """Return the stored values of what can be edited, as JSON."""
        prefix = f"{self.criterion}-"
        names = [*self.fields, *(prefix + column for column in CRITERION_COLUMNS)]
        return json.dumps({name: self.stored[name] for name in names if name in self.stored})

    @property
    def groups(self) -> Mapping[str, list[Field]]:
        return grouped_fields(self.catalog)

    @property
    def criterion(self) -> str:
        return f"criterion-{self.open_id}"

    @property
    def halves(self) -> bool:
        """Return whether the open criterion has or may have a half-life."""
        is_signal = bool(self.row and self.row.field and self.row.field.signal)
        return is_signal or bool(self.stored.get(f"{self.criterion}-half_life_days"))

    @property
    def has_errors(self) -> bool:
        return bool(self.errors or (self.row and self.row.error))

    @property
    def is_incomplete(self) -> bool:
        return self.row is not None and self.row.values() is None

    def values(self) -> Values:
        """Return what was sent and is valid."""
        values = dict(self.cleaned_data)
        condition = self.row.values() if self.row else None
        if condition is None:
            return self._named(values)
        prefix = f"{self.criterion}-"
        values[f"{prefix}condition"] = list(condition)
        was_signal = self._signal_of(self.stored[f"{prefix}condition"])
        if was_signal and not self._signal_of(condition):
            values[f"{prefix}half_life_days"] = None
        return self._named(values)

    def add_conflict(self, name: str, text: str) -> None:
        if self.row is not None and name == f"{self.criterion}-condition":
            self.row = with_error(self.row, text)
        else:
            self.add_error(name if name in self.fields else None, text)

    def _named(self, values: dict[str, Any]) -> Values:
        """Give a criterion without a name of its own the words of its condition."""
        prefix = f"{self.criterion}-"
        if f"{prefix}label" not in values:
            return values
        stored = self.stored[f"{prefix}condition"]
        condition: Sequence[Any] = values.get(f"{prefix}condition") or stored
        if values[f"{prefix}label"] in {"", NEW_CRITERION, self._words(stored)}:
            values[f"{prefix}label"] = self._words(condition) if condition[0] else NEW_CRITERION
        return values

    @shown_in(AMERICAN)  # it is stored, for readers of any format
    def _words(self, condition: Sequence[Any]) -> str:
        code, operator, value = condition
        return str(condition_words(code, operator, value, self.catalog))[:120]

    def _signal_of(self, condition: Sequence[Any]) -> str:
        field = self.catalog.get(condition[0])
        return field.signal if field else ""

    def _criterion_fields(self) -> dict[str, forms.Field]:
        prefix = f"{self.criterion}-"
        return {
            f"{prefix}points": number_field("Points", least=-MAX_POINTS),
            f"{prefix}label": text_field(
                "Name",
                120,
                required=False,
                help_text="Shown to reps with the score. Leave it empty to use the condition.",
            ),
            f"{prefix}half_life_days": DaysField(
                label="Points halve after",
                max_length=20,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "never"}),
            ),
        }

    def _row(self, data: QueryDict | None) -> ConditionRow | None:
        if not self.open_id:
            return None
        sent = sent_rows(data, self.catalog) if data is not None else []
        if sent:
            return sent[0]
        code, operator, value = self.stored[f"{self.criterion}-condition"]
        return stored_row(0, (code, operator, value), self.catalog)
