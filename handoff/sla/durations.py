"""Durations of SLA targets as people type and read them: “8 working hours”, not 480."""

from __future__ import annotations

import re
from typing import Final

from core.formatting import counted

MAX_MINUTES: Final = 2_147_483_647
UNITS: Final = {"m": 1, "min": 1, "minute": 1, "h": 60, "hour": 60, "": 1}
PART: Final = re.compile(r"(\d{1,9})\s*([a-z]*?)s?(?:(?=[\s,]|$)|(?<=[a-z])(?=\d))[\s,]*")
FILLERS: Final = re.compile(r"\b(?:working|business|and)\b")


def minutes_of(text: str) -> int:
    """Return the minutes of “90”, “1 h 30 min” or “8 working hours”; raise ValueError otherwise.

    Days are not accepted, because working days differ in length.
    """
    rest, minutes = FILLERS.sub(" ", text.lower()).strip(), 0
    rest = re.sub(r"\s+", " ", rest)
    while part := PART.match(rest):
        if part[2] not in UNITS:
            break
        minutes += int(part[1]) * UNITS[part[2]]
        rest = rest[part.end() :]
    if rest or not 1 <= minutes <= MAX_MINUTES:
        raise ValueError("Enter hours or minutes, such as “8 hours” or “1 hour 30 min”.")
    return minutes


def duration_words(minutes: int, *, is_working: bool = False) -> str:
    """Return “8 working hours” or “1 hour 30 min”."""
    hours, rest = divmod(minutes, 60)
    kind = "working " if is_working else ""
    if not rest:
        return counted(hours, f"{kind}hour", f"{kind}hours")
    if not hours:
        return counted(rest, f"{kind}minute", f"{kind}minutes")
    return f"{counted(hours, f'{kind}hour', f'{kind}hours')} {rest} min"
