"""The period and the filters of a report."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from core.days import day_of
from core.errors import Refused
from core.parameters import parameter_problems
from handoff.lead_filters import FIRST_DAY, LAST_DAY
from leads.models import Temperature
from reporting.registry.counters import AGES

Key = int | str | None

NONE: Final = "none"  # in an address: the rows without a source, a team ...
NUMBERED: Final = frozenset({"source", "campaign", "lead_type", "team", "owner", "user"})
CODED: Final = frozenset({"temperature", "reason"})
CODE_PATTERN: Final = re.compile(r"[-\w]{1,40}", re.ASCII)
DEFAULT_DAYS: Final = 90
MAX_STEPS: Final = 13


DIMENSIONS: Final = NUMBERED | CODED
SCOPE_PARAMETERS: Final = DIMENSIONS | {"from", "to"}


class BadScope(Refused):
    code = "bad_scope"


@dataclass(frozen=True)
class Period:
    """Whole days, including the first and the last."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_within_a_year(self) -> bool:
        return self.first.year == self.last.year

    @property
    def before(self) -> Period:
        """Return the same number of days, just before."""
        return Period(self.first - timedelta(self.days), self.first - timedelta(1))

    @property
    def step(self) -> int:
        """Return the days of each point of a trend, whole weeks from a month on."""
        days = -(-self.days // MAX_STEPS)
        return days if days < 3 else -(-days // 7) * 7

    @property
    def missing(self) -> int:
        """Return how many days the first step is short of: steps end with the period."""
        return -self.days % self.step

    @property
    def steps_from(self) -> date:
        return self.first - timedelta(self.missing)

    def over_by(self, day: date) -> int:
        """Return how many steps had ended by the day."""
        starts = [*self.steps()][1:]
        ends = [*(start - timedelta(1) for start in starts), self.last]
        return sum(end <= day for end in ends)

    def part_until(self, day: date) -> tuple[Period, Period] | None:
        """Return the part up to the day, and the same part of the period before; None if empty."""
        last = min(self.last, day)
        if last < self.first:
            return None
        return Period(self.first, last), Period(self.before.first, last - timedelta(self.days))

    def steps(self) -> Iterator[date]:
        """Yield the first day of each step within the period."""
        for days in range(-self.missing, self.days, self.step):
            yield self.first + timedelta(max(days, 0))


def recent(days: int, today: date) -> Period:
    return Period(today - timedelta(days - 1), today)


@dataclass(frozen=True)
class Scope:
    period: Period
    where: Mapping[str, Key] = field(default_factory=dict)
    # None: after the period, when all of its leads have matured.
    asked_on: date | None = field(default=None, compare=False)

    @property
    def comparable_age(self) -> int:
        """Return the days in which leads are compared, fewer in a short period."""
        return AGES[-1] if self.period.days > 2 * AGES[-1] else AGES[0]

    @property
    def today(self) -> date:
        return self.asked_on or self.period.last + timedelta(AGES[-1] + 1)

    @property
    def over_until(self) -> date:
        """Return the last day that is over."""
        return self.today - timedelta(1)

    @property
    def matured_until(self) -> date:
        """Return the last day whose leads are all at least that old."""
        return self.over_until - timedelta(self.comparable_age)

    def narrowed(self, **where: Key) -> Scope:
        return Scope(self.period, {**self.where, **where}, self.asked_on)

    def widened(self, *dimensions: str) -> Scope:
        kept = {name: key for name, key in self.where.items() if name not in dimensions}
        return replace(self, where=kept)

    def query(self, **more: str) -> str:
        if not more:
            return self._encoded
        # Most are codes, of which nothing is to be quoted.
        are_codes = all(text.isalnum() and text.isascii() for text in more.values())
        own = "&".join(map("=".join, more.items())) if are_codes else urlencode(more)
        return f"{own}&{self._encoded}"

    @cached_property
    def _encoded(self) -> str:
        # Cached: a page has a hundred links of the same scope. Keys are numbers and codes, of which
        # nothing is to be quoted.
        where = "".join(
            f"&{name}={NONE if key in (None, '') else key}" for name, key in self.where.items()
        )
        return f"from={self.period.first}&to={self.period.last}{where}"


def read_scope(parameters: Mapping[str, str], *, today: date) -> Scope:
    """Read the parameters of an address or a command; raise BadScope if they are invalid."""
    where = {}
    for name in sorted(DIMENSIONS):
        if text := parameters.get(name, "").strip():
            where[name] = read_key(name, text)
    return Scope(
        read_period(parameters.get("from", ""), parameters.get("to", ""), today=today),
        where,
        today,
    )


def refuse_unknown(params: QueryDict, *more: str) -> None:
    """Raise BadScope if the address has a parameter that is not of a scope nor one of `more`."""
    if problems := parameter_problems(params, SCOPE_PARAMETERS.union(more)):
        raise BadScope(" ".join(problems.values()))
    if params.get("format", "csv") != "csv":
        raise BadScope(f"There is no format “{params['format'][:40]}”, only “csv”.")


def read_where(parameters: Mapping[str, str], names: Collection[str]) -> dict[str, Key]:
    """Return the valid filters and ignore the others."""
    where = {}
    for name in names:
        with suppress(BadScope):
            if text := parameters.get(name, "").strip():
                where[name] = read_key(name, text)
    return where


def read_period(first: str, last: str, *, today: date) -> Period:
    ends_on = _read_day(last, "The last day") if last else today
    if not first:
        return recent(DEFAULT_DAYS, ends_on)
    period = Period(_read_day(first, "The first day"), ends_on)
    if period.days < 1:
        raise BadScope(f"The last day, {period.last}, is before the first, {period.first}.")
    return period


def read_key(name: str, text: str) -> Key:
    if text == NONE:
        return None if name in NUMBERED else ""
    if name == "temperature" and text not in Temperature.values:
        raise BadScope(f"There is no temperature “{text}”.")
    if name in CODED:
        if not CODE_PATTERN.fullmatch(text):
            raise BadScope(f"“{text}” is not the code of a {name}.")
        return text
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise BadScope(f"“{text}” is not the number of a {name.replace('_', ' ')}.")
    return int(text)


def _read_day(text: str, label: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadScope(f"{label}, “{text}”, is not a date such as 2026-03-31.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadScope(f"{label}, {day}, is not between {FIRST_DAY.year} and {LAST_DAY.year}.")
    return day


def today() -> date:
    return day_of(timezone.now())
