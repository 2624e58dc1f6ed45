"""Describe the fields of criteria: type, label, choices and column."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from core.formatting import count_text, date_time_text

Choices = tuple[tuple[str, str], ...]
Facts = Mapping[str, Any]


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    MOMENT = "moment"


class Reads(StrEnum):
    VALUE = "value"
    FILLED = "filled"  # true when the text is not empty: known for every lead
    SET = "set"  # true when the column is not NULL: known for every lead
    COUNT = "count"  # touches of one kind, from the JSON of `Lead.signals`; absent means 0


_WHEN_ABSENT: Final[Mapping[Reads, Any]] = {
    Reads.VALUE: None,
    Reads.FILLED: False,
    Reads.SET: False,
    Reads.COUNT: 0,
}


@dataclass(frozen=True)
class Field:
    """`phrases` word a condition on a boolean: when it is to be true, and when false.

    A computed field has no column of its own: `path` is an annotation of the queryset.
    """

    code: str
    label: str
    type: FieldType
    group: str
    path: str
    unit: str = ""
    choices: Choices = field(default=(), compare=False)
    choices_from: str = ""
    reads: Reads = Reads.VALUE
    phrases: tuple[str, str] | None = None
    is_computed: bool = False

    @property
    def when_absent(self) -> Any:
        """Return the value of a missing fact; None means unknown."""
        return _WHEN_ABSENT[self.reads]

    @property
    def signal(self) -> str:
        """Return the kind of touch that is counted, if any."""
        return self.code.removeprefix("signal.") if self.reads is Reads.COUNT else ""

    @cached_property
    def choice_labels(self) -> Mapping[str, str]:
        return dict(self.choices)

    def value_in_words(self, value: Any) -> str:
        return IN_WORDS[self.type](self, value)


IN_WORDS: Final[Mapping[FieldType, Callable[[Field, Any], str]]] = {
    FieldType.TEXT: lambda _, value: f"“{value}”",
    FieldType.NUMBER: lambda _, value: count_text(value),
    FieldType.CHOICE: lambda field, value: field.choice_labels.get(value, str(value)),
    FieldType.BOOLEAN: lambda _, value: "yes" if value else "no",
    FieldType.MOMENT: lambda _, value: f"{date_time_text(value)} {value.tzname()}",
}


Catalog = Mapping[str, Field]


def with_choices(catalog: Catalog, **lists: Iterable[tuple[str, str]]) -> Catalog:
    """Fill in choices from the database; a field without choices accepts any code."""
    filled = {name: tuple(choices) for name, choices in lists.items()}
    return {
        code: replace(field, choices=filled.get(field.choices_from, field.choices))
        for code, field in catalog.items()
    }
