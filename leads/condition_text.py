"""Convert the value of a condition to one line of text for an editor, and back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.criteria.fields import Field, FieldType
from core.criteria.operators import Operator, Takes

QUOTE: Final = '"'
BOOLEANS: Final = {"yes": True, "true": True, "no": False, "false": False}


def as_text(value: Any) -> str:
    """Return `["DE", "FR"]` as “DE, FR”; a text with a comma is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, list | tuple):
        return str(value)
    return ", ".join(map(_quoted, value))


def from_text(field: Field, operator: Operator, text: str) -> Any:
    """Return the value as JSON; invalid input stays text, so that the criteria can refuse it."""
    text = text.strip()
    if operator.takes is Takes.NOTHING:
        return None
    if operator.takes is Takes.ONE:
        return _value(field, text)
    return [_value(field, part) for part in _split(text) if part]


def _value(field: Field, text: str) -> Any:
    return _READERS.get(field.type, str)(text)


def _number(text: str) -> int | str:
    digits = text.replace(" ", "").replace("_", "")
    return int(digits) if digits.lstrip("+-").isdecimal() else text


def _boolean(text: str) -> bool | str:
    return BOOLEANS.get(text.lower(), text)


def _quoted(part: Any) -> str:
    text = as_text(part)
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if "," in text or QUOTE in text else text


def _split(text: str) -> list[str]:
    return [part.strip() for part in next(csv.reader([text], skipinitialspace=True), [])]


_READERS: Final[Mapping[FieldType, Callable[[str], Any]]] = {
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
}
