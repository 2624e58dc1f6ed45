"""R1 and R2: rollups counted from the log, against the same SELECTs without bookkeeping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from leads.models import Lead, LeadEvent
from reporting.facts.log_span import LogSpan
from reporting.facts.milestones import Milestones, parameters
from reporting.models import LogCursor
from reporting.rollups.prove import prove
from reporting.rollups.refresh import PAIRS, follow_log, rebuild
from tools.bench.data import add_leads
from tools.bench.goals import GoalResult, goal_of
from tools.bench.measure import Comparison, Sample, compare, most_stable
from tools.bench.rollback import rolled_back
from tools.bench.world import World

# Leads have 4.41 events on average, so these have 27,000.
LEADS_PER_DAY: Final = 6_122
DAY: Final = timedelta(days=1)
TABLES: Final = tuple(table for pair in PAIRS for table in (pair[0].table, pair[1].table))


@dataclass(frozen=True)
class LogPart:
    """A part of the log about new leads only."""

    span: LogSpan
    first_lead_id: int


def day(world: World) -> Iterator[GoalResult]:
    """R1: count the log of a busy day in one step."""
    part = write_day(min(LEADS_PER_DAY, world.size.leads))
    comparison = against(
        control=lambda: follow_plainly(part), subject=lambda: follow_log(at=timezone.now())
    )
    events = LeadEvent.objects.filter(lead__gte=part.first_lead_id).count()
    yield GoalResult(
        goal_of("a day of 27 k events into the rollups ÷ S"), comparison, f"{events:,} events"
    )
    follow_log(at=timezone.now())


def year(world: World) -> Iterator[GoalResult]:
    """R2: recount everything, and compare it with the result of following the log."""
    comparison = against(
        control=rebuild_plainly, subject=lambda: rebuild(at=timezone.now()), before=empty
    )
    yield GoalResult(goal_of("rebuild of a year ÷ S"), comparison)
    differing = float(len(prove(at=timezone.now())))
    yield GoalResult(goal_of("days that differ from a full recount"), Sample((differing,)))


def against(
    *,
    control: Callable[[], object],
    subject: Callable[[], object],
    before: Callable[[], object] = lambda: None,
) -> Comparison:
    return most_stable(
        lambda: compare(lambda: rolled_back(control, before), lambda: rolled_back(subject, before))
    )


def write_day(leads: int) -> LogPart:
    follow_log(at=timezone.now())
    before = LogCursor.objects.get()
    last = Lead.objects.order_by("-pk").values_list("pk", flat=True)[0]
    add_leads(leads, until=timezone.now(), over=DAY)
    newest = LeadEvent.objects.order_by("-pk").values_list("transaction", "pk")[0]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead, leads_leadevent")
    return LogPart(LogSpan((before.transaction, before.event), newest), last + 1)


def follow_plainly(part: LogPart) -> None:
    """S(R1): insert the milestones and replace the days that they affect."""
    for milestones, rollup in PAIRS:
        insert(milestones, part.span)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT day FROM {milestones.table} WHERE lead_id >= %s",  # noqa: S608  (no input in it)
                [part.first_lead_id],
            )
            rollup.replace([row[0] for row in cursor.fetchall()])


def rebuild_plainly() -> None:
    """S(R2): four INSERT … SELECT into empty tables."""
    for milestones, rollup in PAIRS:
        insert(milestones, None)
        sql, values = rollup.counted()
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {rollup.table} ({', '.join(rollup.columns)}) {sql}", values
            )


def insert(milestones: Milestones, span: LogSpan | None) -> None:
    counted = milestones.counted.format(scope=span.leads if span else "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {milestones.table} ({', '.join(milestones.columns)}) {counted}",
            parameters(settings.REPORTING_TIME_ZONE, span),
        )


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
