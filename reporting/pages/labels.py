"""Texts and links of the report pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.urls import reverse

from core.formatting import count_text, date_text, duration_text, percent_text
from reporting.queries.scope import Key, Period, Scope
from reporting.registry.counters import Basis
from reporting.registry.dimensions import NONE_LABELS
from reporting.registry.figures import NO_VALUE, Figure
from reporting.registry.metrics import Metric, Unit

# Growth over this many percent means only that counting had just begun.
MAX_GROWTH: Final = 900


@dataclass(frozen=True)
class Delta:
    """A change since the previous period; `direction` is up or down, `tone` good or bad."""

    text: str
    direction: str
    tone: str
    than: str = "the previous period"


def key_label(dimension: str, key: Key, names: Mapping[Key, str]) -> str:
    if key in (None, ""):
        return NONE_LABELS[dimension]
    return names.get(key, str(key).replace("_", " ").capitalize())


def period_label(period: Period) -> str:
    last = date_text(period.last)
    if period.first == period.last:
        return last
    return f"{date_text(period.first, with_year=not period.is_within_a_year)} – {last}"


def basis_label(bases: Iterable[Basis]) -> str:
    """Return on which day leads or handoffs count, and where that day begins."""
    zone = settings.REPORTING_TIME_ZONE
    return " ".join([*(basis.day for basis in bases), f"Days start at midnight ({zone})."])


def value_label(figure: Figure) -> str:
    if figure.metric.unit is Unit.COUNT:
        return count_text(figure.numerator)
    if figure.metric.unit is Unit.PERCENT:
        return percent_text(figure.numerator, figure.denominator)
    return NO_VALUE if figure.median is None else duration_text(timedelta(minutes=figure.median))


def counts_label(figure: Figure) -> str:
    """Return the two counts of a rate, and of what they are for a median; nothing for a count."""
    if figure.metric.unit is Unit.COUNT:
        return ""
    counts = f"{count_text(figure.numerator)} of {count_text(figure.denominator)}"
    return f"{counts} {figure.metric.basis}" if figure.metric.unit is Unit.MEDIAN else counts


def delta(now: Figure, previous: Figure) -> Delta | None:
    """Return the change in points for a rate, in percent for anything else.

    None if there was nothing before, or next to nothing.
    """
    if now.value is None or previous.value is None:
        return None
    change, unit = now.value - previous.value, "\N{NO-BREAK SPACE}pts"
    if now.metric.unit is not Unit.PERCENT:
        if not previous.value:
            return None
        change, unit = 100 * change / previous.value, "%"
        if change > MAX_GROWTH:
            return None
    rounded = round(change)
    if not rounded:
        return Delta("±0", "", "")
    is_up = rounded > 0
    tone = ""
    if now.metric.higher_is_better is not None:
        tone = "good" if is_up == now.metric.higher_is_better else "bad"
    sign, direction = ("+", "up") if is_up else ("−", "down")
    return Delta(f"{sign}{count_text(abs(rounded))}{unit}", direction, tone)


def drilldown_link(scope: Scope, metric: Metric, part: str = "numerator", /, **where: Key) -> str:
    """Return the address of the leads behind a figure."""
    narrowed = scope.narrowed(**where) if where else scope
    which = "" if part == "numerator" else f"&part={part}"
    return f"{drilldown_address(metric, narrowed.query())}{which}"


def compared_link(scope: Scope, metric: Metric, within: int, /, **where: Key) -> str:
    """Return the address of the leads behind a figure of the first days of each lead."""
    return drilldown_link(scope, metric, **where) + (f"&within={within}" if within else "")


def drilldown_address(metric: Metric, query: str) -> str:
    """Return the address for a scope as a query, which the cells of a row share."""
    return f"{page_address('leads')}?metric={metric.code}&{query}"


def report_link(name: str, scope: Scope, **parameters: str) -> str:
    return f"{page_address(name)}?{scope.query(**parameters)}"


@cache
def page_address(name: str) -> str:
    return reverse(f"reporting:{name}")
