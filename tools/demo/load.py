"""Load the demo: twelve months of history, through the same functions as live work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from django.db import connection, transaction

from handoff.answers.undo import purge_undoable_answers
from handoff.workload import merge_changes
from people.notices import mark_past_notices_delivered
from reporting.rollups.refresh import rebuild
from tools.demo import rules
from tools.demo.agenda import Agenda
from tools.demo.arrivals import Arrivals
from tools.demo.clock import date_versions, recorded_in_history, set_time
from tools.demo.content import create_accounts, create_campaigns
from tools.demo.data_quality import out_of_reach, settle, wrong_values
from tools.demo.flows import FLOWS
from tools.demo.notes import WRITTEN, write_notes
from tools.demo.organization import DemoOrganization, create_organization, start_time_off
from tools.demo.present import suppressed, waiting
from tools.demo.prospects import Crowd, Firms
from tools.demo.year import Year

SEED: Final = 1889
YEAR: Final = timedelta(days=366)
MONTH: Final = timedelta(days=30)
RULES_CHANGE: Final = timedelta(days=168)
STATISTICS: Final = (1, 2, 4, 8)
MORNING: Final = timedelta(hours=9)
NOTICES_READ_BEFORE: Final = timedelta(hours=60)
RELEASED: Final = timedelta(days=2)
SETTLED: Final = timedelta(days=1)
# Acts that a year of this size might not have.
RARE_ACTS: Final = (
    (timedelta(days=17, hours=9), Year.set_a_date),
    (timedelta(days=16, hours=9), Year.receive_an_older_touch),
    (timedelta(days=12, hours=8), Year.reassign_a_lead),
    (timedelta(days=10, hours=9), Year.receive_a_colleague),
)
Report = Callable[[str], None]


@transaction.atomic
def load(*, at: datetime, share: float = 1.0, report: Report = print) -> None:
    """Fill a new installation; `share` scales the number of contacts."""
    rng = Random(SEED)  # noqa: S311  (not a secret)
    start = at - YEAR
    date_versions(at=start - MONTH)
    people = create_organization(at=at)
    firms = Firms()
    create_campaigns(people, at=at)
    owned = create_accounts(people, firms, rng, at=start)
    configure(people, start)
    agenda = Agenda(until=at)
    crowd = Crowd(firms, rng)
    year = Year(people, crowd, rng, agenda)
    arrivals = Arrivals(crowd, rng, at=at)
    for flow in FLOWS:
        year.expect(arrivals.of(flow, max(1, round(flow.volume * share))))
    # Numbers of its own, so that it does not change the others.
    spare = Crowd(firms, Random(SEED + 1))  # noqa: S311  (not a secret)
    year.expect(waiting(people, owned, crowd, spare, at=at))
    year.expect(suppressed(spare, at=at))
    year.expect(wrong_values(spare, at=at))
    year.expect([out_of_reach(spare, at=at)])
    agenda.add(at - RULES_CHANGE, partial(change_rules, people))
    for rep in people.reps():
        for starts, _ in people.away[rep.pk]:
            agenda.add(starts + MORNING, partial(year.cover, rep))
    for days in range(YEAR.days):
        agenda.add(start + timedelta(days=days, hours=7), year.resurface)
        agenda.add(start + timedelta(days=days, hours=7), year.notify_marketing)
    agenda.add(at - RELEASED, year.release)
    agenda.add(at - SETTLED, partial(settle, people.users["Sofie Maurer"]))
    agenda.add(at - WRITTEN, partial(write_notes, people.users["Sofie Maurer"]))
    for before, act in RARE_ACTS:
        agenda.add(at - before, partial(act, year))
    agenda.add(at, year.resurface)
    agenda.add(at, year.notify_marketing)
    agenda.add(at, year.sweep)
    with recorded_in_history():
        play(agenda, start, report)
    start_time_off(people, at=at)
    purge_undoable_answers(at=at)
    merge_changes()
    mark_past_notices_delivered(at=at, read_before=at - NOTICES_READ_BEFORE)
    rebuild(at=at)


def configure(people: DemoOrganization, at: datetime) -> None:
    operations = people.users["Pieter de Boer"]
    rules.publish_sla_policies(by=operations, at=at)
    rules.publish_rules(
        people,
        rules.FIRST_RULES,
        note="Route by account, then territory, then request type.",
        by=operations,
        at=at,
    )


def change_rules(people: DemoOrganization, at: datetime) -> None:
    rules.publish_rules(
        people,
        rules.LATER_RULES,
        note="Send sign-ups from markets we do not serve to nurture instead of reps.",
        by=people.users["Katharina Engel"],
        at=at,
    )


def play(agenda: Agenda, start: datetime, report: Report) -> None:
    month = 0
    for done, (at, action) in enumerate(agenda.due()):
        if (at - start).days // 30 > month:
            month = (at - start).days // 30
            report(f"  month {month} of 12, {done:,} actions")
            if month in STATISTICS:
                refresh_statistics()
        set_time(at)
        action(at)


def refresh_statistics() -> None:
    """Update the planner statistics, which autovacuum cannot do within one transaction."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
