"""R1 to R3 and D4: rollups counted from the log, against plain SQL with the same figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from leads.models import Lead, LeadEvent
from reporting.rollups.build import HANDOFF_ROLLUP, LEAD_ROLLUP
from reporting.rollups.prove import prove
from reporting.rollups.refresh import PAIRS, follow_log, rebuild
from tools.bench.data import YEAR, add_leads
from tools.bench.goals import GoalResult, goal_of
from tools.bench.http_paths import sending
from tools.bench.measure import Comparison, Sample, alone, compare_until_stable, seconds
from tools.bench.plain_numbers import count_all, count_leads_from, execute
from tools.bench.rollback import rolled_back
from tools.bench.web import PRODUCT
from tools.bench.world import World

# Leads have 4.41 events on average, so these have 27,000.
LEADS_PER_DAY: Final = 6_122
# Each takes seconds.
ROUNDS: Final = 3
DAY: Final = timedelta(days=1)
TABLES: Final = tuple(table for pair in PAIRS for table in (pair[0].table, pair[1].table))
# A first call for an accepted lead of each of so many days.
LATE_EVENTS: Final = """
INSERT INTO leads_leadevent (lead_id, kind, occurred_at, actor_id, from_stage, to_stage, payload)
SELECT DISTINCT ON (offered_at::date) lead_id, 'attempted', offered_at + interval '2 hours',
    owner_id, '', '', jsonb_build_object('handoff', id, 'channel', 'call', 'outcome', 'reached',
        'is_first', true)
FROM handoff_handoff
WHERE state = 'accepted' AND first_contact_at IS NULL AND offered_at >= %(since)s
ORDER BY offered_at::date, id LIMIT %(days)s
"""


def day(world: World) -> Iterator[GoalResult]:
    """R1: count the log of a busy day in one step."""
    first = write_day(min(LEADS_PER_DAY, world.size.leads))
    comparison = against(
        control=lambda: count_leads_from(first), subject=lambda: follow_log(at=timezone.now())
    )
    events = LeadEvent.objects.filter(lead__gte=first).count()
    yield GoalResult(
        goal_of("a day of 27 k events into the rollups ÷ S"), comparison, f"{events:,} events"
    )
    follow_log(at=timezone.now())


def year(world: World) -> Iterator[GoalResult]:
    """R2: recount everything, and compare it with the result of following the log."""
    # Each takes so long that what the first round reads from the disk does not count.
    comparison = against(
        control=count_all, subject=lambda: rebuild(at=timezone.now()), before=empty, warm_ups=0
    )
    yield GoalResult(goal_of("rebuild of a year ÷ S"), comparison)
    differing = float(len(prove(at=timezone.now())))
    yield GoalResult(goal_of("days that differ from a full recount"), Sample((differing,)))


def late(world: World) -> Iterator[GoalResult]:
    """R3: late events change figures of old days."""
    follow_log(at=timezone.now())
    # Else each count reads the index entries of what other lines rolled back.
    execute("VACUUM leads_leadevent", {})
    taken = alone(lambda: following(LATE_EVENTS, {"days": 366, "since": world.at - YEAR}))
    goal = goal_of("366 late events of as many days into the rollups")
    yield GoalResult(goal, taken)
    ago = {"yesterday": timedelta(days=2), "late": timedelta(days=200)}
    since = {name: {"days": 1, "since": world.at - past} for name, past in ago.items()}
    comparison = compare_until_stable(
        lambda: following(LATE_EVENTS, since["yesterday"]),
        lambda: following(LATE_EVENTS, since["late"]),
    )
    yield GoalResult(goal_of("a late event ÷ one of today"), comparison)


def following(sql: str, values: dict[str, Any]) -> float:
    """Return the seconds for counting the events that the statement writes."""
    return rolled_back(lambda: follow_log(at=timezone.now()), before=lambda: execute(sql, values))


def age(world: World) -> Iterator[GoalResult]:
    """D4: the time between two counts, and that of a count."""
    send = sending(world, PRODUCT)
    every: float = settings.CELERY_BEAT_SCHEDULE["rollups"]["schedule"]

    def counted() -> float:
        for _ in range(world.size.calls // 5):
            send()
        return every + seconds(lambda: follow_log(at=timezone.now()))

    yield GoalResult(goal_of("age of today's figures"), alone(counted), f"counted every {every} s")


def against(
    *,
    control: Callable[[], object],
    subject: Callable[[], object],
    before: Callable[[], object] = lambda: None,
    warm_ups: int = 1,
) -> Comparison:
    """Compare the two, which must give the same figures."""
    figures: list[Any] = []

    def measured(work: Callable[[], object]) -> float:
        return rolled_back(work, before, after=lambda: figures.append(all_figures()))

    comparison = compare_until_stable(
        lambda: measured(control), lambda: measured(subject), rounds=ROUNDS, warm_ups=warm_ups
    )
    assert all(other == figures[0] for other in figures), "the control counts something else"
    return comparison


def all_figures() -> list[Any]:
    """Return for each rollup and grain its number of rows and the sum of each counter."""
    rows: list[Any] = []
    for rollup in (LEAD_ROLLUP, HANDOFF_ROLLUP):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT grain, place, count(*), sum(number) FROM {rollup.table},"  # noqa: S608  (no input in it)
                " unnest(counts) WITH ORDINALITY AS counter(number, place)"
                " GROUP BY grain, place ORDER BY grain, place"
            )
            rows += cursor.fetchall()
    return rows


def write_day(leads: int) -> int:
    """Add so many leads of today and return the first."""
    follow_log(at=timezone.now())
    last = Lead.objects.order_by("-pk").values_list("pk", flat=True)[0]
    add_leads(leads, until=timezone.now(), over=DAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead, leads_leadevent")
    return int(last) + 1


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
