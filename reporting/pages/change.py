"""Put the largest change of the overview into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from reporting.pages.components import label_of
from reporting.pages.labels import (
    compared_link,
    counts_label,
    period_label,
    report_link,
    value_label,
)
from reporting.queries.changes import MIN_COUNTED, Change, Pair, Part, change_of
from reporting.queries.reports import Compared
from reporting.queries.rollup_queries import Answers
from reporting.queries.scope import Scope
from reporting.registry.dimensions import LABELS
from reporting.registry.figures import Figure

RULES: Final = (
    "Each figure is compared with the previous period. Today is left out, because it is not over. "
    "Rates that rise with time are compared by the first days of each lead, as many for both.",
    f"A figure needs at least {MIN_COUNTED} leads or handoffs in both periods. Median times are "
    "left out.",
    "Chance alone would show a change in less than 1 of 100 periods, however many figures are "
    "compared. This change is the furthest from chance. Rates come before the number of leads, "
    "because leads arrive in bursts.",
    "One source, campaign, lead type or team at a time is left out. The one without which the "
    "figure would have changed least is named, if it accounts for at least a third of the change.",
)
NO_CHANGE: Final = "No figure changed by more than chance explains."


@dataclass(frozen=True)
class PartInWords:
    """`kind` is what it is, unless the name says so: “source” of the source Webinar."""

    kind: str
    name: str
    href: str
    before: str
    now: str
    list_href: str
    rest_before: str
    rest_now: str


@dataclass(frozen=True)
class ChangeInWords:
    """`list_href` opens the leads or handoffs of `now`; `days` says what was compared."""

    name: str
    verb: str
    before: str
    now: str
    list_href: str
    days: str
    part: PartInWords | None


def change_in_words(
    pairs: Mapping[str, Compared], answers: Answers, scope: Scope
) -> ChangeInWords | None:
    change = change_of(pairs.values(), answers, scope)
    return None if change is None else _in_words(change, answers, scope)


def _in_words(change: Change, answers: Answers, scope: Scope) -> ChangeInWords:
    pair = change.compared
    days = f"{period_label(pair.days)} compared with {period_label(pair.days_before)}"
    age = f", in the first {pair.within} days of each lead" if pair.within else ""
    of_days = replace(scope, period=pair.days)
    return ChangeInWords(
        name=pair.now.metric.name,
        verb="rose" if Pair(pair.now, pair.previous).change > 0 else "fell",
        before=with_counts(pair.previous),
        now=with_counts(pair.now),
        list_href=compared_link(of_days, pair.now.metric, pair.within),
        days=f"{days}{age}.",
        part=change.part and _part_in_words(change.part, pair, answers, scope),
    )


def _part_in_words(part: Part, pair: Compared, answers: Answers, scope: Scope) -> PartInWords:
    where = {part.dimension: part.key}
    kind, is_none = LABELS[part.dimension].lower(), part.key in (None, "")
    of_days = replace(scope, period=pair.days)
    return PartInWords(
        kind="" if is_none else kind,
        name=f"Leads without a {kind}" if is_none else label_of(answers, part.dimension, part.key),
        href=report_link("overview", scope.narrowed(**where)),
        before=with_counts(part.of_part.previous),
        now=with_counts(part.of_part.now),
        list_href=compared_link(of_days, pair.now.metric, pair.within, **where),
        rest_before=value_label(part.rest.previous),
        rest_now=value_label(part.rest.now),
    )


def with_counts(figure: Figure) -> str:
    counts = counts_label(figure)
    return f"{value_label(figure)} ({counts})" if counts else value_label(figure)
