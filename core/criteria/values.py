"""Read an operator's value from JSON: typed, and one of its field's choices."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from core.criteria.fields import Field, FieldType
from core.criteria.operators import Operator, Takes
from core.formatting import count_text

MAX_OPTIONS: Final = 200
MAX_TEXT: Final = 200
MAX_NUMBER: Final = 2_147_483_647


def read_value(field: Field, operator: Operator, value: object) -> Any:
    """Return the typed value, or raise ValueError with a message for users."""
    return _SHAPES[operator.takes](field, value)


def shown(value: object) -> str:
    """Quote a value, shortened to fit into a sentence."""
    text = value if isinstance(value, str) else repr(value)
    text = text.encode(errors="replace").decode()
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def _nothing(field: Field, value: object) -> None:
    if value is not None and value != "":
        raise ValueError(f"this operator takes no value, not {shown(value)}.")


def _one(field: Field, value: object) -> Any:
    if value is None or value == "":
        raise ValueError("a value is missing.")
    return _READERS[field.type](field, value)


def _several(field: Field, value: object) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"a list of values is needed, not {shown(value)}.")
    if len(value) > MAX_OPTIONS:
        raise ValueError(f"at most {MAX_OPTIONS} values are allowed.")
    return tuple(dict.fromkeys(_one(field, option) for option in value))


def _range(field: Field, value: object) -> tuple[Any, Any]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"two values are needed, the lower and the upper, not {shown(value)}.")
    low, high = _one(field, value[0]), _one(field, value[1])
    if low > high:
        raise ValueError("the lower value must come first.")
    return low, high


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a text is needed, not {shown(value)}.")
    if len(value) > MAX_TEXT:
        raise ValueError(f"at most {MAX_TEXT} characters are allowed.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in value):
        raise ValueError("control characters are not allowed.")
    return value


def _number(field: Field, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"a whole number is needed, not {shown(value)}.")
    if abs(value) > MAX_NUMBER:
        raise ValueError(f"{shown(value)} is too large; the limit is {count_text(MAX_NUMBER)}.")
    return value


def _choice(field: Field, value: object) -> str:
    code = _text(field, value)
    if field.choices and code not in field.choice_labels:
        raise ValueError(f"{shown(code)} is not one of its choices.")
    return code


def _boolean(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"true or false is needed, not {shown(value)}.")
    return value


def _moment(field: Field, value: object) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{shown(value)} is not a date and time.") from None
    if moment.tzinfo is None:
        raise ValueError(f"{shown(value)} needs its zone, as in 2026-03-02T09:00:00+00:00.")
    return moment


_READERS: Final[Mapping[FieldType, Callable[[Field, object], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.CHOICE: _choice,
    FieldType.BOOLEAN: _boolean,
    FieldType.MOMENT: _moment,
}
_SHAPES: Final[Mapping[Takes, Callable[[Field, object], Any]]] = {
    Takes.NOTHING: _nothing,
    Takes.ONE: _one,
    Takes.SEVERAL: _several,
    Takes.RANGE: _range,
}
