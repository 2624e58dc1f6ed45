"""The figures of one person, as the speed report counts them, and the lists of their answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from reporting.pages.components import Context, tile
from reporting.pages.labels import drilldown_link, period_label, report_link
from reporting.queries.reports import SPEEDS
from reporting.queries.rollup_queries import Question, read, read_tables, total
from reporting.queries.scope import DEFAULT_DAYS, Key, Scope, recent
from reporting.registry.counters import Basis
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS


def person_figures(user_id: int, *, today: date) -> Context:
    """Return the tiles of the handoffs that were offered to a person in the usual period."""
    scope = Scope(recent(DEFAULT_DAYS, today), {"user": user_id}, today)
    answers = read([Question(Basis.HANDOFFS, scope)])
    counts = total(answers.tables[0], basis=Basis.HANDOFFS)
    metrics = [METRICS[code] for code in ("handoffs", *SPEEDS)]
    return {
        "tiles": [tile(figure(metric, counts), scope) for metric in metrics],
        "days": period_label(scope.period),
        "report_href": report_link("speed", Scope(scope.period), by="user"),
        "fresh_as_of": answers.counted_at,
    }


class AnswerLists(NamedTuple):
    """Addresses of the leads behind the answers of a person, with %d for their id."""

    accepted: str
    rejected: str
    cannot_evaluate: str


class PersonAnswers(NamedTuple):
    accepted: int = 0
    rejected: int = 0
    cannot_evaluate: int = 0

    @property
    def answered(self) -> int:
        return self.accepted + self.rejected


def answers_by_person(
    *, days: int, today: date
) -> tuple[Mapping[Key, PersonAnswers], datetime | None]:
    """Return the first answers and the returned handoffs of everyone, and when they were counted.

    Of leads opened, and handoffs offered, in the last days.
    """
    scope = Scope(recent(days, today))
    (first, returned), status = read_tables(
        [
            Question(Basis.LEADS, scope, by=("owner",), counters=("accepted", "rejected")),
            Question(Basis.HANDOFFS, scope, by=("user",), counters=("unevaluated",)),
        ]
    )
    by_person = defaultdict[Key, PersonAnswers](PersonAnswers)
    for (user_id,), counts in first.items():
        by_person[user_id] = PersonAnswers(counts["accepted"], counts["rejected"])
    for (user_id,), counts in returned.items():
        by_person[user_id] = by_person[user_id]._replace(cannot_evaluate=counts["unevaluated"])
    return by_person, status.counted_at


def answer_lists(*, days: int, today: date) -> AnswerLists:
    """Return the lists of leads opened, and handoffs offered, in the last days."""
    scope = Scope(recent(days, today))
    return AnswerLists(
        f"{drilldown_link(scope, METRICS['sales_acceptance'])}&owner=%d",
        f"{drilldown_link(scope, METRICS['sales_rejection'])}&owner=%d",
        f"{drilldown_link(scope, METRICS['cannot_evaluate'])}&user=%d",
    )
