"""Readers of single values: each returns a clean value or raises `BadValue`."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from leads.countries import CODES_BY_NAME, COUNTRIES

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


class BadValue(ValueError):
    """A value that cannot be used; the message is for its sender."""


@dataclass(frozen=True, slots=True)
class Text:
    limit: int
    many_lines: bool = False

    def __call__(self, value: object) -> str:
        if not isinstance(value, str):
            raise BadValue("Must be text.")
        if not (value.isascii() and value.isprintable()):
            value = without_controls(value, many_lines=self.many_lines)
        value = value.strip()
        if len(value) > self.limit:
            raise BadValue(f"Must be at most {self.limit:,} characters; it has {len(value):,}.")
        return value


def without_controls(value: str, *, many_lines: bool) -> str:
    if not many_lines:
        value = LAYOUT.sub(" ", value)
    forbidden = FORBIDDEN.search(value)
    if forbidden is not None:
        code_point = ord(forbidden.group())
        raise BadValue(f"Contains a character that cannot be stored: U+{code_point:04X}.")
    return unicodedata.normalize("NFC", value)


def integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValue("Must be a whole number.")
    if not 0 <= value <= MAX_INTEGER:
        raise BadValue(f"Must be from 0 to {MAX_INTEGER:,}.")
    return value


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValue("Must be true or false.")
    return value


def moment(value: object) -> datetime:
    """Return an instant; a time without UTC offset is ambiguous, so it is an error."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadValue("Must be a date and time with a UTC offset, such as 2026-03-01T09:30:00Z.")
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        value = MIN_MOMENT.replace(year=1)
    if value < MIN_MOMENT:
        raise BadValue(f"Must not be before {MIN_MOMENT.year}.")
    return value


class ChoiceReader:
    """Reads one of a fixed set of codes, by code or label."""

    def __init__(self, choices: Iterable[tuple[str, Any]]) -> None:
        pairs = list(choices)
        self.codes = [code for code, _ in pairs]
        labels = {str(label).lower(): code for code, label in pairs}
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
COUNTRY_NAMES: Final = {
    **CODES_BY_NAME,
    "brasil": "BR",
    "deutschland": "DE",
    "england": "GB",
    "españa": "ES",
    "great britain": "GB",
    "holland": "NL",
    "italia": "IT",
    "méxico": "MX",
    "nederland": "NL",
    "österreich": "AT",
    "polska": "PL",
    "schweiz": "CH",
    "suisse": "CH",
    "sverige": "SE",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "usa": "US",
    "u.s.a.": "US",
}


def country(value: object) -> str:
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    word = value.strip()
    if word.upper() in COUNTRY_CODES:
        return word.upper()
    code = COUNTRY_NAMES.get(word.casefold())
    if code is None:
        raise BadValue(f"Unknown country {quoted(value)}. Use its two-letter code, such as DE.")
    return code


def named_texts(value: object) -> dict[str, str]:
    """Read an object of texts, such as the UTM parameters."""
    answers = named_values(value)
    for name, answer in answers.items():
        if not isinstance(answer, str):
            raise BadValue(f"{quoted(name)} must be text.")
    return {name: str(answer) for name, answer in answers.items()}


def named_values(value: object) -> dict[str, object]:
    """Read an object of texts, numbers and booleans, such as the answers in a form."""
    if not isinstance(value, dict):
        raise BadValue("Must be an object of names and values.")
    if len(value) > MAX_ANSWERS:
        raise BadValue(f"Must have at most {MAX_ANSWERS} entries; it has {len(value):,}.")
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
