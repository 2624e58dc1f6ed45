"""How figures and dimensions read on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings

from core.templatetags.formatting import count, duration, percent
from reporting.queries.scope import Key, Period
from reporting.registry.figures import NONE, Figure
from reporting.registry.metrics import Basis, Unit

HEADS: Final[Mapping[str, str]] = {
    "source": "Source",
    "campaign": "Campaign",
    "lead_type": "Lead type",
    "team": "Team",
    "owner": "Owner",
    "user": "Person",
    "temperature": "Temperature",
    "reason": "Reason",
}
ALL: Final[Mapping[str, str]] = {
    "source": "All sources",
    "campaign": "All campaigns",
    "lead_type": "All lead types",
    "team": "All teams",
}
WITHOUT: Final[Mapping[str, str]] = {
    "source": "No source",
    "campaign": "No campaign",
    "lead_type": "No lead type",
    "team": "Not offered to a team",
    "owner": "Nobody yet",
    "user": "Nobody yet",
    "temperature": "No temperature",
    "reason": "No reason",
}


def label(dimension: str, key: Key, names: Mapping[Key, str]) -> str:
    if key in (None, ""):
        return WITHOUT[dimension]
    return names.get(key, str(key).replace("_", " ").capitalize())


def day_of(day: date, *, with_year: bool = True) -> str:
    return f"{day.day} {day:%b %Y}" if with_year else f"{day.day} {day:%b}"


def days_of(period: Period) -> str:
    last = day_of(period.last)
    if period.first == period.last:
        return last
    return f"{day_of(period.first, with_year=not period.is_within_a_year)} to {last}"


def basis_of(bases: Iterable[Basis]) -> str:
    """Which day something counts on, and where that day begins."""
    zone = settings.REPORTING_TIME_ZONE
    return " ".join([*(basis.day for basis in bases), f"Days begin at midnight ({zone})."])


def value_of(figure: Figure) -> str:
    if figure.metric.unit is Unit.COUNT:
        return count(figure.numerator)
    if figure.metric.unit is Unit.PERCENT:
        return percent(figure.numerator, figure.denominator)
    return NONE if figure.middle is None else duration(timedelta(minutes=figure.middle))


def note_of(figure: Figure) -> str:
    """The counts that a rate is made of."""
    if figure.metric.unit is Unit.COUNT:
        return ""
    return f"{count(figure.numerator)} of {count(figure.denominator)}"


@dataclass(frozen=True)
class Delta:
    text: str
    way: str
    tone: str
    than: str


# In percent: ten times as much says only that counting had just begun.
LARGEST_GROWTH: Final = 900


def delta(now: Figure, then: Figure) -> Delta | None:
    """The change since the days before: points for a rate, percent for anything else.

    None where there was nothing before, or next to nothing.
    """
    if now.value is None or then.value is None:
        return None
    change = now.value - then.value
    unit = f"{THIN}pt"
    if now.metric.unit is not Unit.PERCENT:
        if not then.value:
            return None
        change, unit = 100 * change / then.value, f"{THIN}%"
        if change > LARGEST_GROWTH:
            return None
    rounded = round(change)
    if not rounded:
        return Delta("±0", "", "", "the days before")
    tone = ""
    if now.metric.higher_is_better is not None:
        tone = "good" if (rounded > 0) == now.metric.higher_is_better else "bad"
    sign = "+" if rounded > 0 else "−"
    return Delta(
        f"{sign}{abs(rounded):,}{unit}", "up" if rounded > 0 else "down", tone, "the days before"
    )


THIN: Final = "\N{NARROW NO-BREAK SPACE}"
