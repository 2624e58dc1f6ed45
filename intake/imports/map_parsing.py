"""Read the parts of a map file: each function returns a value or raises BadMap."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from core.formatting import count_text
from intake.imports.moments import NAMED_FORMATS
from intake.imports.reader import folded_name
from leads.external_ids import system_name
from leads.normalization.values import close_match

E = TypeVar("E", bound=StrEnum)

SAMPLE_DATE: Final = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
MAX_SKIPPED_LINES: Final = 1_000


class BadMap(Exception):
    """A map that is invalid or does not fit its file; the message is for the map's author."""


@dataclass(frozen=True)
class Columns:
    """Columns of one field: their texts are joined by a space, or the first filled one counts."""

    names: tuple[str, ...]
    takes_first: bool = False


def check_names(names: Collection[str], known: Collection[str], kind: str) -> None:
    for name in names:
        if name not in known:
            hint = close_match(name, known) or f"Known: {', '.join(sorted(known))}."
            raise BadMap(f"Unknown {kind} “{name}” in the map. {hint}")


def parse_enum(enum: type[E], value: Any, key: str) -> E:
    try:
        return enum(value)
    except ValueError:
        known = ", ".join(enum)
        raise BadMap(f"`{key}` is “{value}”. It must be one of {known}.") from None


def parse_text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadMap(f"`{key}` must be text.")
    return value


def parse_system(value: Any) -> str:
    """Return the name of the source system, which external ids belong to."""
    name = system_name(parse_text(value, "system"))
    if not name:
        raise BadMap("`system` must be a name, such as “crm”.")
    return name


def parse_encoding(value: Any) -> str:
    try:
        return codecs.lookup(parse_text(value, "encoding")).name
    except LookupError:
        raise BadMap(
            f"`encoding` is “{value}”. It must be an encoding such as utf-8 or cp1250."
        ) from None


def parse_delimiter(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n':
        raise BadMap("`delimiter` must be one character, such as “;”.")
    return value


def parse_skipped_lines(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SKIPPED_LINES:
        raise BadMap(
            f"`skip_lines` must be a number of lines, from 0 to {count_text(MAX_SKIPPED_LINES)}."
        )
    return value


def parse_words(key: str, value: Any) -> frozenset[str]:
    """Read one text or several, to be compared without regard to case and blanks."""
    words = value if isinstance(value, list) else [value]
    if not all(isinstance(word, str) for word in words):
        raise BadMap(f"`{key}` must be text or a list of texts.")
    return frozenset(map(folded_name, words))


def parse_conditions(data: Mapping[str, Any], key: str) -> Mapping[str, frozenset[str]]:
    table = parse_table(data, key)
    return {column: parse_words(f"{key}.{column}", value) for column, value in table.items()}


def parse_flag(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise BadMap(f"`{key}` must be true or false.")
    return value


def parse_table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return as_table(data.get(key, {}), key)


def as_table(value: Any, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadMap(f"`{key}` must be a table: [{key}].")
    return value


def parse_texts(data: Mapping[str, Any], key: str) -> Mapping[str, str]:
    table = parse_table(data, key)
    return {name: parse_text(value, f"{key}.{name}") for name, value in table.items()}


def parse_field(name: str, value: Any) -> Columns:
    """Read a column, a list of columns to join, or a list of columns whose first filled counts."""
    if not isinstance(value, dict):
        return Columns(parse_columns(name, value))
    check_names(value, {"first"}, f"key of {name}")
    return Columns(parse_columns(f"{name}.first", value.get("first")), takes_first=True)


def parse_columns(name: str, value: Any) -> tuple[str, ...]:
    columns = tuple(value) if isinstance(value, list) else (value,)
    if not columns or not all(isinstance(column, str) and column for column in columns):
        raise BadMap(f"`{name}` must be a column name or a list of column names.")
    return columns


def parse_meanings(name: str, value: Any) -> dict[str, object]:
    key = f"values.{name}"
    table = as_table(value, key)
    return {
        folded_name(text): parse_meaning(f"{key}.{text}", meaning)
        for text, meaning in table.items()
    }


def parse_meaning(key: str, value: Any) -> object:
    """Return dates as text, which is parsed like a cell; numbers and booleans unchanged."""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str | int | float):
        raise BadMap(f"`{key}` must be text, a number, a date, true or false.")
    return value


def parse_formats(value: Any) -> tuple[str, ...]:
    formats = tuple(value) if isinstance(value, list) else (value,)
    if not all(isinstance(form, str) and form for form in formats):
        raise BadMap("`dates.formats` must be text or a list of texts.")
    for form in formats:
        if form in NAMED_FORMATS:
            continue
        try:
            datetime.strptime(SAMPLE_DATE.strftime(form), form)  # noqa: DTZ007  (only the format is tried)
        except (ValueError, re.error):
            raise BadMap(
                f"`dates.formats` has “{form}”, which is not a date format. "
                "Use a format such as %d.%m.%Y, excel or unix."
            ) from None
    return formats


def parse_zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise BadMap(
            f"`dates.zone` is “{name}”. It must be a time zone such as Europe/Berlin."
        ) from None
