"""R1 and R2: figures counted from the log, against the same SELECTs written straight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from leads.models import Lead, LeadEvent
from reporting.facts.milestones import TOUCHED, LogSpan, Milestones, parameters
from reporting.models import LogCursor
from reporting.rollups.prove import prove
from reporting.rollups.refresh import PAIRS, follow_log, rebuild
from tools.bench.data import add_leads
from tools.bench.goals import Finding, goal_of
from tools.bench.measure import Comparison, Sample, calmest, compare
from tools.bench.undone import undone
from tools.bench.world import World

# Of the 4.41 events of a lead of the data.
LEADS_OF_A_DAY: Final = 6_122
DAY: Final = timedelta(days=1)
TABLES: Final = tuple(table for pair in PAIRS for table in (pair[0].table, pair[1].table))


@dataclass(frozen=True)
class Written:
    """A piece of the log about leads that are all new."""

    span: LogSpan
    first_lead_id: int


def a_day(world: World) -> Iterator[Finding]:
    """R1: what a busy day wrote into the log, counted in one go."""
    day = write_a_day(min(LEADS_OF_A_DAY, world.size.leads))
    found = against(
        control=lambda: follow_straight(day), subject=lambda: follow_log(at=timezone.now())
    )
    events = LeadEvent.objects.filter(lead__gte=day.first_lead_id).count()
    yield Finding(goal_of("a day of 27 k events into the rollups ÷ S"), found, f"{events:,} events")
    follow_log(at=timezone.now())


def a_year(world: World) -> Iterator[Finding]:
    """R2: everything from the first event, and whether following the log had come to the same."""
    found = against(
        control=rebuild_straight, subject=lambda: rebuild(at=timezone.now()), before=empty
    )
    yield Finding(goal_of("rebuild of a year ÷ S"), found)
    differing = float(len(prove(at=timezone.now())))
    yield Finding(goal_of("days that differ from a full recount"), Sample((differing,)))


def against(
    *,
    control: Callable[[], object],
    subject: Callable[[], object],
    before: Callable[[], object] = lambda: None,
) -> Comparison:
    return calmest(
        lambda: compare(lambda: undone(control, before), lambda: undone(subject, before))
    )


def write_a_day(leads: int) -> Written:
    follow_log(at=timezone.now())
    before = LogCursor.objects.get()
    last = Lead.objects.order_by("-pk").values_list("pk", flat=True)[0]
    add_leads(leads, until=timezone.now(), over=DAY)
    newest = LeadEvent.objects.order_by("-pk").values_list("transaction", "pk")[0]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead, leads_leadevent")
    return Written(LogSpan((before.transaction, before.event), newest), last + 1)


def follow_straight(day: Written) -> None:
    """S(R1): insert the milestones, and put the days they fall on in place of the old."""
    for milestones, rollup in PAIRS:
        insert(milestones, day.span)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT day FROM {milestones.table} WHERE lead_id >= %s",  # noqa: S608  (no input in it)
                [day.first_lead_id],
            )
            rollup.replace([row[0] for row in cursor.fetchall()])


def rebuild_straight() -> None:
    """S(R2): four INSERT … SELECT into empty tables."""
    for milestones, rollup in PAIRS:
        insert(milestones, None)
        sql, values = rollup.counted()
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {rollup.table} ({', '.join(rollup.columns)}) {sql}", values
            )


def insert(milestones: Milestones, span: LogSpan | None) -> None:
    counted = milestones.counted.format(scope=TOUCHED if span else "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {milestones.table} ({', '.join(milestones.columns)}) {counted}",
            parameters(settings.REPORTING_TIME_ZONE, span),
        )


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
