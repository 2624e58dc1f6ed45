"""Readers of single values: each returns a clean value or raises `BadValue`."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final

from core.countries import COUNTRIES, code_of
from core.formatting import count_text

ValueReader = Callable[[object], object]

# Line breaks and tabs become spaces; other control characters are errors.
LAYOUT: Final = re.compile(r"[\t\n\r\x0b\x0c\x85\xa0\u2028\u2029]+")
FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
MAX_INTEGER: Final = 2_147_483_647
MAX_NUMBER: Final = 10**15
MAX_SUGGESTIONS: Final = 8
MAX_ANSWERS: Final = 50
MAX_ANSWER_LENGTH: Final = 2_000
MAX_NAME_LENGTH: Final = 60
MIN_MOMENT: Final = datetime(1990, 1, 1, tzinfo=UTC)
# Smaller numbers are days, years or typing errors, not Unix times.
MIN_UNIX_SECONDS: Final = MIN_MOMENT.timestamp()
MIN_UNIX_MILLISECONDS: Final = MIN_UNIX_SECONDS * 1_000
UNIX_TIME: Final = re.compile(r"\d{9,10}(\.\d+)?|\d{12,13}")
NUMBER: Final = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+|\d{1,30}"
WHOLE_NUMBER: Final = re.compile(
    rf"(?P<low>{NUMBER})(?:[.,]0{{1,2}})?(?:\s*(?:-|–|to|bis|a|à)\s*(?:{NUMBER})|\s*\+)?",
    re.IGNORECASE | re.ASCII,
)
YES: Final = frozenset(
    (
        "1",
        "true",
        "yes",
        "y",
        "t",
        "on",
        "x",
        "checked",
        "ja",
        "oui",
        "si",
        "sí",
        "sim",
        "tak",
        "是",
    )
)
NO: Final = frozenset(
    (
        "0",
        "false",
        "no",
        "n",
        "f",
        "off",
        "unchecked",
        "nein",
        "nee",
        "non",
        "não",
        "nao",
        "nie",
        "否",
    )
)


class BadValue(ValueError):
    """A value that cannot be used; the message is for its sender."""


@dataclass(frozen=True, slots=True)
class Text:
    limit: int
    many_lines: bool = False

    def __call__(self, value: object) -> str:
        if not isinstance(value, str):
            value = text_of(value)
        if not (value.isascii() and value.isprintable()):
            value = without_controls(value, many_lines=self.many_lines)
        value = value.strip()
        if len(value) > self.limit:
            raise BadValue(
                f"Must be at most {count_text(self.limit)} characters; "
                f"it has {count_text(len(value))}."
            )
        return value


def text_of(value: object) -> str:
    """Return a number as its sender wrote it; senders do not quote an id or a count."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadValue("Must be text.")
    return str(int(value) if value == int(value) else value)


def without_controls(value: str, *, many_lines: bool) -> str:
    if not many_lines:
        value = LAYOUT.sub(" ", value)
    forbidden = FORBIDDEN.search(value)
    if forbidden is not None:
        code_point = ord(forbidden.group())
        raise BadValue(f"Contains a character that cannot be stored: U+{code_point:04X}.")
    return unicodedata.normalize("NFC", value)


def integer(value: object) -> int:
    """Return a whole number, also from text: "250", "1,000" or a range, by its lower bound."""
    if isinstance(value, str):
        value = number_in(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValue("Must be a whole number.")
    if not 0 <= value <= MAX_INTEGER:
        raise BadValue(f"Must be from 0 to {count_text(MAX_INTEGER)}.")
    return value


def number_in(text: str) -> int | None:
    """Return the number, or the lower bound of a range such as "11-50" or "10,000+"."""
    number = WHOLE_NUMBER.fullmatch(text.strip())
    if number is None:
        return None
    digits = "".join(digit for digit in number["low"] if digit.isdigit())
    return int(digits)


def boolean(value: object) -> bool:
    """Return a truth value, also from the words and numbers that forms send."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    word = value.strip().casefold() if isinstance(value, str) else ""
    if word not in YES and word not in NO:
        raise BadValue("Must be true or false.")
    return word in YES


@dataclass(frozen=True, slots=True)
class Moment:
    """Reads a date and time as senders write them; `zone` is that of times which name none."""

    zone: tzinfo | None = None

    def __call__(self, value: object) -> datetime:
        instant = instant_of(value)
        if instant is not None and instant.tzinfo is None and self.zone is not None:
            instant = instant.replace(tzinfo=self.zone)
        if instant is None or instant.tzinfo is None:
            raise BadValue(
                "Must be a date and time with a UTC offset, such as 2026-03-01T09:30:00Z."
            )
        try:
            instant = instant.astimezone(UTC)
        except OverflowError:
            instant = MIN_MOMENT.replace(year=1)
        if instant < MIN_MOMENT:
            raise BadValue(f"Must not be before {MIN_MOMENT.year}.")
        return instant


moment: Final = Moment()


def instant_of(value: object) -> datetime | None:
    """Read ISO 8601, the dates of mail and of JavaScript, and Unix time in (milli)seconds."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return unix_time(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if UNIX_TIME.fullmatch(text):
        return unix_time(float(text))
    for read in (datetime.fromisoformat, read_iso_with_spaces, parsedate_to_datetime, read_js_date):
        with suppress(ValueError):
            return read(text)
    return None


def unix_time(number: float) -> datetime | None:
    """Return the moment of a time in seconds or milliseconds; smaller numbers mean no time."""
    seconds = number / 1_000 if number >= MIN_UNIX_MILLISECONDS else number
    if not MIN_UNIX_SECONDS <= seconds < MIN_UNIX_MILLISECONDS:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def read_iso_with_spaces(text: str) -> datetime:
    """Read "2026-03-01 09:30:00 UTC" and "2026-03-01 09:30:00 +0000"."""
    day, time, zone = text.split()
    return datetime.fromisoformat(f"{day}T{time}{'Z' if zone in ('UTC', 'GMT') else zone}")


def read_js_date(text: str) -> datetime:
    """Read "Sun Mar 01 2026 09:30:00 GMT+0100 (Central European Standard Time)"."""
    return datetime.strptime(text.partition(" (")[0], "%a %b %d %Y %H:%M:%S GMT%z")


class ChoiceReader:
    """Reads one of a fixed set of codes, by code or label."""

    def __init__(self, choices: Iterable[tuple[str, Any]]) -> None:
        pairs = self.choices = [(code, str(label)) for code, label in choices]
        self.codes = [code for code, _ in pairs]
        labels = {label.lower(): code for code, label in pairs}
        self._by_word = labels | {code: code for code in self.codes}

    def __call__(self, value: object) -> str:
        if not isinstance(value, str):
            raise BadValue("Must be text.")
        code = self._by_word.get(value.strip().lower())
        if code is None:
            raise BadValue(f"Unknown value {quoted(value)}. {suggestion(value, self.codes)}")
        return code


def known_code(value: object, known: Mapping[str, str], noun: str) -> str:
    """Return the code of a source, campaign or lead type that `value` names by code or name."""
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    code = known.get(value.strip().lower())
    if code is None:
        codes = sorted(set(known.values()))
        raise BadValue(f"Unknown {noun} {quoted(value)}. {suggestion(value, codes)}")
    return code


def close_match(value: str, codes: Collection[str]) -> str:
    close = difflib.get_close_matches(
        value[:MAX_NAME_LENGTH].lower(), sorted(codes), n=1, cutoff=0.7
    )
    return f"Did you mean “{close[0]}”?" if close else ""


def suggestion(value: str, codes: Collection[str]) -> str:
    """Suggest the closest known code, or list some of them."""
    if close := close_match(value, codes):
        return close
    if not codes:
        return "None is defined yet."
    listed = list(codes)[:MAX_SUGGESTIONS]
    more = ", …" if len(codes) > MAX_SUGGESTIONS else ""
    return f"Known: {', '.join(listed)}{more}."


def quoted(value: str, limit: int = 40) -> str:
    """Quote a value for a message: short and without control characters."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value[:limit])
    return f"“{shown}{'…' if len(value) > limit else ''}”"


COUNTRY_CODES: Final = {code for code, _ in COUNTRIES}


def country(value: object) -> str:
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    word = value.strip().upper()
    code = word if word in COUNTRY_CODES else code_of(value)
    if code is None:
        raise BadValue(f"Unknown country {quoted(value)}. Use its two-letter code, such as DE.")
    return code


def named_texts(value: object) -> dict[str, str]:
    """Read an object of texts, such as the UTM parameters."""
    return {name: answer_as_text(answer) for name, answer in named_values(value).items()}


def answer_as_text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def named_values(value: object) -> dict[str, object]:
    """Read an object of texts, numbers and booleans, such as the answers in a form."""
    if not isinstance(value, dict):
        raise BadValue("Must be an object of names and values.")
    if len(value) > MAX_ANSWERS:
        raise BadValue(f"Must have at most {MAX_ANSWERS} entries; it has {count_text(len(value))}.")
    return {answer_name(name): answer(name, content) for name, content in value.items()}


def answer_name(name: str) -> str:
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise BadValue(f"{quoted(name)} must have 1 to {MAX_NAME_LENGTH} printable characters.")
    return name


def answer(name: str, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # `not <=` instead of `>`, so that NaN is an error, too.
        if not abs(value) <= MAX_NUMBER:
            raise BadValue(f"{quoted(name)} is too large.")
        return value
    if not isinstance(value, str):
        raise BadValue(f"{quoted(name)} must be text, a number, true or false.")
    try:
        return ANSWER_TEXT(value)
    except BadValue as bad:
        raise BadValue(f"{quoted(name)}: {bad}") from None


ANSWER_TEXT: Final = Text(MAX_ANSWER_LENGTH, many_lines=True)
