"""Condition rows of a form: which operators and which control fit, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from core.criteria.fields import Catalog, Field, FieldType
from core.criteria.operators import OPERATORS, Operator, Takes, operators_for
from core.criteria.sentences import ConditionWords, words_of
from core.criteria.tree import BadCriteria
from leads.condition_text import as_text, from_text
from leads.criteria import make_condition

ConditionValues = tuple[str, str, Any]  # field, operator, value as JSON
MAX_ROWS = 50
LOCAL = "%Y-%m-%dT%H:%M"  # as <input type="datetime-local"> sends it
BOOLEANS = (("yes", "yes"), ("no", "no"))


@dataclass(frozen=True)
class ConditionRow:
    """One row as it was sent or is stored; `texts` are the values of its controls."""

    index: int
    field: Field | None = None
    operator: Operator | None = None
    texts: tuple[str, ...] = ()
    error: str = ""

    @property
    def index_text(self) -> str:
        return str(self.index)

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def operators(self) -> Sequence[Operator]:
        return operators_for(self.field.type) if self.field else ()

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        if self.field and self.field.type is FieldType.BOOLEAN:
            return BOOLEANS
        return self.field.choices if self.field else ()

    @property
    def control(self) -> str:
        """Return the kind of control for the value."""
        if self.field is None or self.operator is None or self.operator.takes is Takes.NOTHING:
            return ""
        if self.choices:
            return "several" if self.operator.takes is Takes.SEVERAL else "one"
        kind = {FieldType.NUMBER: "number", FieldType.MOMENT: "datetime-local"}
        return kind.get(self.field.type, "text")

    @property
    def lacks_value(self) -> bool:
        return bool(self.control) and not any(self.texts)

    @property
    def has_two(self) -> bool:
        return self.operator is not None and self.operator.takes is Takes.RANGE

    @property
    def first(self) -> str:
        return self.texts[0] if self.texts else ""

    @property
    def second(self) -> str:
        return self.texts[1] if len(self.texts) > 1 else ""

    @property
    def signature(self) -> str:
        """Return what decides about the control; the values of another one are dropped."""
        takes = self.operator.takes if self.operator else ""
        return f"{self.field.code if self.field else ''}:{takes}"

    def values(self) -> ConditionValues | None:
        """Return the condition as it is stored, or None if the row is not complete."""
        if self.field is None or self.operator is None or self.error or self.lacks_value:
            return None
        return self.field.code, self.operator.code, _json_of(self.field, self.operator, self.texts)


def stored_row(index: int, values: ConditionValues, catalog: Catalog) -> ConditionRow:
    code, operator_code, value = values
    field, operator = catalog.get(code), OPERATORS.get(operator_code)
    row = ConditionRow(index, field, operator, _texts_of(field, operator, value))
    return checked(row, catalog)


def sent_rows(data: QueryDict, catalog: Catalog) -> list[ConditionRow]:
    """Return the rows of a form in their order, without the one whose button removes it."""
    removed = data.get("remove")
    rows: list[ConditionRow] = []
    for index in range(MAX_ROWS):
        if f"c{index}-field" not in data or removed == str(index):
            continue
        rows.append(_sent_row(len(rows), index, data, catalog))
    return rows


def checked(row: ConditionRow, catalog: Catalog) -> ConditionRow:
    """Return the row with the error to show beside it, if it has one."""
    if row.field and row.lacks_value:
        return with_error(row, f"{row.field.label}: choose or enter a value.")
    values = row.values()
    if values is None:
        return row
    try:
        make_condition(*values, catalog)
    except BadCriteria as problem:
        return with_error(row, str(problem))
    return row


def _sent_row(place: int, index: int, data: QueryDict, catalog: Catalog) -> ConditionRow:
    field = catalog.get(str(data[f"c{index}-field"]))
    if field is None:
        return ConditionRow(place)
    fitting = operators_for(field.type)
    operator = next((row for row in fitting if row.code == data.get(f"c{index}-operator")), None)
    row = ConditionRow(place, field, operator or _usual_operator(field, fitting))
    if data.get(f"c{index}-was", row.signature) != row.signature:
        return row  # a control for it is shown first
    texts = tuple(text.strip() for text in data.getlist(f"c{index}-value"))
    return checked(ConditionRow(place, row.field, row.operator, texts), catalog)


def _usual_operator(field: Field, fitting: Sequence[Operator]) -> Operator:
    """Return the operator with which a new condition starts."""
    wanted = {FieldType.CHOICE: "one_of", FieldType.NUMBER: "at_least"}.get(field.type)
    return next((row for row in fitting if row.code == wanted), fitting[0])


def with_error(row: ConditionRow, error: str) -> ConditionRow:
    return ConditionRow(row.index, row.field, row.operator, row.texts, error)


def _texts_of(field: Field | None, operator: Operator | None, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if field and field.type is FieldType.MOMENT:
        parts = value if isinstance(value, list | tuple) else [value]
        return tuple(_local_text(part) for part in parts)
    is_list = isinstance(value, list | tuple)
    if is_list and (operator is None or operator.takes is Takes.RANGE or (field and field.choices)):
        return tuple(map(as_text, value))
    return (as_text(value),)


def _json_of(field: Field, operator: Operator, texts: Iterable[str]) -> Any:
    parts = list(texts)
    if operator.takes is Takes.NOTHING:
        return None
    if field.type is FieldType.MOMENT:
        moments = [_moment(part) for part in parts if part]
        return moments if operator.takes is Takes.RANGE else next(iter(moments), "")
    if operator.takes is Takes.SEVERAL and field.choices:
        return [part for part in parts if part]
    if operator.takes is Takes.RANGE:
        return from_text(field, operator, ", ".join(parts))
    return from_text(field, operator, next(iter(parts), ""))


def _moment(text: str) -> str:
    try:
        return timezone.make_aware(datetime.strptime(text, LOCAL)).isoformat()  # noqa: DTZ007  (aware a step later)
    except ValueError:
        return text


def _local_text(value: Any) -> str:
    try:
        return timezone.localtime(datetime.fromisoformat(str(value))).strftime(LOCAL)
    except ValueError:
        return str(value)


def grouped_fields(catalog: Catalog) -> Mapping[str, list[Field]]:
    """Return the fields by group, in the order of the catalog."""
    groups: dict[str, list[Field]] = {}
    for field in catalog.values():
        groups.setdefault(field.group, []).append(field)
    return groups


def condition_words(code: str, operator: str, value: Any, catalog: Catalog) -> ConditionWords:
    """Return a condition in words, or why it is invalid."""
    try:
        return words_of(make_condition(code, operator, value, catalog))
    except BadCriteria as problem:
        return ConditionWords(str(problem), is_valid=False)


def field_choices(catalog: Catalog) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the fields as the grouped choices of a select."""
    return [
        (group, [(field.code, field.label) for field in fields])
        for group, fields in grouped_fields(catalog).items()
    ]
