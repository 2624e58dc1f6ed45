"""A condition's value as one line of text, as an editor shows it and somebody types it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.criteria.fields import Field, FieldType
from core.criteria.operators import Operator, Takes

QUOTE: Final = '"'
YES: Final = {"yes": True, "true": True, "no": False, "false": False}


def as_text(value: Any) -> str:
    """`["DE", "FR"]` becomes “DE, FR”; a text that holds a comma is put in quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, list | tuple):
        return str(value)
    return ", ".join(map(_quoted, value))


def from_text(field: Field, operator: Operator, text: str) -> Any:
    """The value as JSON; what cannot be read stays text, for the criteria to refuse in words."""
    text = text.strip()
    if operator.takes is Takes.NOTHING:
        return None
    if operator.takes is Takes.ONE:
        return _one(field, text)
    return [_one(field, part) for part in _split(text) if part]


def _one(field: Field, text: str) -> Any:
    return _READERS.get(field.type, str)(text)


def _number(text: str) -> int | str:
    digits = text.replace(" ", "").replace("_", "")
    return int(digits) if digits.lstrip("+-").isdecimal() else text


def _boolean(text: str) -> bool | str:
    return YES.get(text.lower(), text)


def _quoted(part: Any) -> str:
    text = as_text(part)
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if "," in text or QUOTE in text else text


def _split(text: str) -> list[str]:
    return [part.strip() for part in next(csv.reader([text], skipinitialspace=True), [])]


_READERS: Final[Mapping[FieldType, Callable[[str], Any]]] = {
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
}
