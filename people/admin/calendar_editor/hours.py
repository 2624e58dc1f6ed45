"""Read opening hours as people type them: “9”, “5:30 pm”, “closed”, “24 hours”."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from core.formatting import time_text

Hours = tuple[time, time]  # opens, closes; midnight closes at the end of the day

MIDNIGHT: Final = time()
ALL_DAY: Final = (MIDNIGHT, MIDNIGHT)
NEXT_DAY: Final = "next day"
ALL_DAY_WORDS: Final = frozenset({"24 hours", "24 h", "24h", "all day"})
TIME_WORDS: Final = {"noon": time(12), "midnight": MIDNIGHT, "24:00": MIDNIGHT, "24": MIDNIGHT}
TIME: Final = re.compile(
    r"(\d{1,2})(?:[:.h]?(\d{2}))?(?::(\d{2}))?\s*(?:([ap])\.?\s?m?\.?)?", re.ASCII
)


class HoursError(ValueError):
    """Say what is wrong with typed hours, and how to fix it."""


class UnfinishedHours(HoursError):
    """One of the two times is missing."""


class TypedHours(NamedTuple):
    opens: str = ""
    closes: str = ""
    is_next_day: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.opens.strip() and not self.closes.strip()


def hours_of(typed: TypedHours) -> Hours | None:
    """Return None when closed. A closing time before the opening may be a slip: ask for its day."""
    word = " ".join(typed.opens.lower().split())
    if typed.is_empty or (word == "closed" and not typed.closes.strip()):
        return None
    if word in ALL_DAY_WORDS and not typed.closes.strip():
        return ALL_DAY
    if not typed.opens.strip() or not typed.closes.strip():
        missing = "closes" if typed.opens.strip() else "opens"
        raise UnfinishedHours(f"Enter when it {missing}, or clear the row if it is closed.")
    if typed.closes.strip().lower().endswith(NEXT_DAY):
        typed = TypedHours(typed.opens, typed.closes.strip()[: -len(NEXT_DAY)], is_next_day=True)
    opens, closes = time_of(typed.opens), time_of(typed.closes)
    if needs_next_day(opens, closes) and not typed.is_next_day:
        raise HoursError(_question(typed, opens, closes))
    if typed.is_next_day and closes > opens:
        raise HoursError(
            f"Until {time_text(closes)} of the next day would be more than 24 hours. "
            "Clear the next day, and enter these hours at that day."
        )
    return opens, closes


def _question(typed: TypedHours, opens: time, closes: time) -> str:
    meaning = "is open for 24 hours" if opens == closes else "runs into the next day"
    afternoon = time((closes.hour + 12) % 24, closes.minute)
    is_plain = typed.closes.strip().replace(":", "").isdecimal()
    is_afternoon = is_plain and afternoon > opens != closes
    hint = f" Did you mean {time_text(afternoon)}?" if is_afternoon else ""
    return f"This is not after {time_text(opens)}.{hint} Select the next day if it {meaning}."


def needs_next_day(opens: time, closes: time) -> bool:
    """Return whether hours end on another day; midnight is the end of the day itself."""
    return closes <= opens and closes != MIDNIGHT


def time_of(text: str) -> time:
    word = " ".join(text.lower().split())
    if word in TIME_WORDS:
        return TIME_WORDS[word]
    if part := TIME.fullmatch(word):
        hour, minute, second = (int(part[place] or 0) for place in (1, 2, 3))
        if part[4] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if part[4] == "p" else 0)
        elif part[4]:
            hour = 24
        if hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    raise HoursError(f"“{text.strip()[:20]}” is not a time. Enter one such as 9:00 AM or 17:30.")


def typed_as(hours: Hours) -> TypedHours:
    """Return what a person would type for these hours."""
    if hours == ALL_DAY:
        return TypedHours("24 hours")
    opens, closes = (time_text(at, with_seconds=bool(at.second)) for at in hours)
    return TypedHours(opens, closes, needs_next_day(*hours))


def length_of(hours: Hours) -> timedelta:
    opens, closes = (datetime.combine(datetime.min, at) for at in hours)  # noqa: DTZ901  (no zone)
    return closes - opens if closes > opens else closes - opens + timedelta(days=1)
