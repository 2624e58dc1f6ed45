"""S1, S2 and S4: the sweep over late clocks, and against one hand-written statement a batch."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from time import sleep
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from handoff.configuration import configuration
from handoff.escalation.sweep import BATCH_SIZE, sweep
from handoff.models import SlaClock
from leads.models import EventKind, LeadEvent
from tools.bench.goals import GoalResult, goal_of
from tools.bench.measure import (
    ROUNDS,
    Comparison,
    Sample,
    alone,
    compare,
    most_stable,
    p50,
    p99,
    times,
)
from tools.bench.rollback import rolled_back, seconds_with_checks
from tools.bench.world import World

DUE: Final = 10_000
# Each takes a second.
SWEEPS: Final = 3
IDLE_TICKS: Final = 20
TEN_TIMES: Final = 10
A_MONTH: Final = timedelta(days=30)
DUE_PER_SECOND: Final = 200
STEADY_SECONDS: Final = 60
A_MOMENT: Final = timedelta(seconds=2)
GIVE_UP: Final = timedelta(minutes=5)
POLL_SECONDS: Final = 0.1

MAKE_DUE: Final = """
UPDATE handoff_slaclock SET next_action_at = %(at)s, due_at = %(at)s
WHERE id IN (
    SELECT clock.id FROM handoff_slaclock AS clock
    JOIN handoff_handoff AS handoff ON handoff.id = clock.handoff_id
    WHERE clock.kind = 'answer' AND clock.stopped_at IS NULL AND handoff.state = 'offered'
        AND handoff.owner_id IS NOT NULL AND clock.started_at < %(at)s
    ORDER BY clock.id LIMIT %(count)s
)
"""
# The same rows as the sweep writes, in sets: breaches, expired handoffs, round robin balances,
# decisions, new offers, clocks, steps, events and notices.
S: Final = """
WITH locked AS MATERIALIZED (
    SELECT clock.id AS clock_id, clock.due_at, handoff.id AS handoff_id, handoff.lead_id,
        handoff.owner_id, handoff.team_id, handoff.policy_id, handoff.hop, handoff.leg,
        handoff.temperature
    FROM handoff_slaclock AS clock
    JOIN handoff_handoff AS handoff ON handoff.id = clock.handoff_id
    JOIN leads_lead AS lead ON lead.id = clock.lead_id
    WHERE clock.stopped_at IS NULL AND clock.next_action_at <= %(at)s
    ORDER BY clock.next_action_at, clock.id LIMIT %(batch)s
    FOR NO KEY UPDATE OF lead, handoff SKIP LOCKED
), members AS MATERIALIZED (
    SELECT member.id, team_id, user_id, balance, person.name,
        count(*) OVER (PARTITION BY team_id) AS size,
        row_number() OVER (PARTITION BY team_id ORDER BY balance DESC, member.id) - 1 AS place
    FROM people_membership AS member JOIN people_user AS person ON person.id = user_id
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY team_id ORDER BY clock_id) AS turn FROM locked
), reassigned AS MATERIALIZED (
    SELECT numbered.*, members.user_id AS new_owner_id, members.name, team.manager_id,
        team.name AS pool, members.size, nextval('handoff_handoff_id_seq') AS new_id,
        nextval('handoff_routingdecision_id_seq') AS decision_id
    FROM numbered JOIN people_team AS team ON team.id = numbered.team_id
    JOIN members ON members.team_id = numbered.team_id AND members.place = turn %% members.size
), stopped AS (
    UPDATE handoff_slaclock AS clock SET stopped_at = %(at)s, next_action_at = NULL,
        breached_at = CASE WHEN clock.id = reassigned.clock_id THEN clock.due_at END,
        is_met = CASE WHEN clock.id = reassigned.clock_id THEN false END
    FROM reassigned
    WHERE clock.handoff_id = reassigned.handoff_id AND clock.stopped_at IS NULL RETURNING 1
), expired AS (
    UPDATE handoff_handoff AS handoff SET state = 'expired', closed_at = %(at)s
    FROM reassigned WHERE handoff.id = reassigned.handoff_id RETURNING 1
), owned AS (
    UPDATE leads_lead AS lead SET owner_id = new_owner_id, queue_id = NULL
    FROM reassigned WHERE lead.id = reassigned.lead_id RETURNING 1
), balanced AS (
    UPDATE people_membership AS member SET balance = balance + 1, last_turn_at = %(at)s
    WHERE team_id IN (SELECT team_id FROM reassigned) RETURNING 1
), decided AS (
    INSERT INTO handoff_routingdecision (id, lead_id, rule_set_id, decided_at, target, user_id,
        team_id, because, facts, trace, seed)
    SELECT decision_id, lead_id, %(rule_set)s, %(at)s, 'pool', new_owner_id, team_id,
        'Reassigned because Someone missed the answer SLA. Round robin selected ' || name
            || ': ' || size - 1 || ' of ' || size || ' in the pool were available.',
        '{}', jsonb_build_object('version', 1, 'seed', clock_id, 'missing', '[]'::jsonb,
            'rules', '[]'::jsonb, 'target', 'pool',
            'late', jsonb_build_object('clock', clock_id, 'kind', 'answer', 'due_at', due_at,
                'handoff', handoff_id, 'hop', hop, 'hop_limit', 3),
            'pool', jsonb_build_object('id', team_id, 'name', pool, 'people', people,
                'settled_by', 'balance')), clock_id
    FROM reassigned CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'name', members.name,
            'excluded', CASE user_id WHEN owner_id THEN 'had it before' ELSE '' END,
            'balance_before', balance, 'balance_after', balance + 1)) AS people
        FROM members WHERE members.team_id = reassigned.team_id
    ) AS candidates
), offered AS (
    INSERT INTO handoff_handoff (id, lead_id, leg, state, owner_id, team_id, offered_at,
        missing_fields, attempt_count, policy_id, decision_id, hop, previous_id, temperature,
        due_at)
    SELECT new_id, lead_id, leg, 'offered', new_owner_id, team_id, %(at)s, '{}', 0, policy_id,
        decision_id, hop + 1, handoff_id, temperature, %(at)s + interval '1 minute' * (
            SELECT min(within_minutes) FROM handoff_slatarget AS target
            WHERE target.policy_id = reassigned.policy_id AND target.lead_type_id IS NULL
                AND target.temperature = '' AND target.clock IN ('answer', 'first_contact')
        )
    FROM reassigned WHERE (SELECT count(*) FROM expired) IS NOT NULL
), started AS (
    INSERT INTO handoff_slaclock (handoff_id, lead_id, kind, target_id, calendar_id, started_at,
        warn_at, due_at, next_action_at)
    SELECT new_id, lead_id, target.clock, target.id, %(edition)s, %(at)s,
        %(at)s + target.within_minutes * interval '48 seconds',
        %(at)s + target.within_minutes * interval '1 minute',
        %(at)s + target.within_minutes * interval '48 seconds'
    FROM reassigned JOIN handoff_slatarget AS target ON target.policy_id = reassigned.policy_id
        AND target.lead_type_id IS NULL AND target.temperature = ''
        AND target.clock IN ('answer', 'first_contact')
), stepped AS (
    INSERT INTO handoff_escalation (clock_id, step, taken_at, payload)
    SELECT clock_id, step, %(at)s, CASE step WHEN 'tell' THEN '{}' ELSE jsonb_build_object(
        'handoff', new_id, 'user', new_owner_id, 'team', team_id, 'hop', hop + 1) END
    FROM reassigned CROSS JOIN (VALUES ('tell'), ('reassign')) AS steps(step)
), logged AS (
    INSERT INTO leads_leadevent (lead_id, kind, occurred_at, from_stage, to_stage, payload)
    SELECT lead_id, kind, %(at)s, '', '', CASE kind
        WHEN 'clock_breached' THEN jsonb_build_object('clock', clock_id, 'kind', 'answer',
            'handoff', handoff_id, 'due_at', due_at)
        WHEN 'expired' THEN jsonb_build_object('handoff', handoff_id, 'user', owner_id,
            'team', team_id, 'clock', clock_id, 'kind', 'answer')
        WHEN 'routed' THEN jsonb_build_object('decision', decision_id, 'rule', NULL,
            'target', 'pool', 'user', new_owner_id, 'team', team_id)
        WHEN 'owner_changed' THEN jsonb_build_object('user', new_owner_id, 'team', NULL,
            'why', 'late')
        ELSE jsonb_build_object('handoff', new_id, 'leg', leg, 'user', new_owner_id,
            'team', team_id, 'hop', hop + 1) END
    FROM reassigned CROSS JOIN (VALUES ('clock_breached'), ('expired'), ('routed'),
        ('owner_changed'), ('offered')) AS kinds(kind)
), notified AS (
    INSERT INTO people_notice (recipient_id, kind, subject, body, path, key, is_urgent,
        created_at, deliver_at)
    SELECT recipient_id, kind, 'Answer overdue: lead ' || lead_id,
        'It was due on Monday at nine (UTC).', '/leads/' || lead_id || '/',
        kind || ':' || clock_id || ':' || recipient_id, false, %(at)s, %(at)s
    FROM reassigned CROSS JOIN LATERAL (VALUES (owner_id, 'clock_breached'),
        (manager_id, 'clock_breached'), (new_owner_id, 'offered')) AS who(recipient_id, kind)
)
SELECT count(*) FROM locked
"""
DUE_AT_RATE: Final = """
UPDATE handoff_slaclock AS clock SET next_action_at = moment, due_at = moment
FROM (
    SELECT clock.id, %(at)s + row_number() OVER () * interval '1 second' / %(rate)s AS moment
    FROM handoff_slaclock AS clock
    JOIN handoff_handoff AS handoff ON handoff.id = clock.handoff_id
    WHERE clock.kind = 'answer' AND clock.stopped_at IS NULL AND handoff.state = 'offered'
        AND handoff.owner_id IS NOT NULL AND clock.started_at < %(at)s
    LIMIT %(count)s
) AS chosen
WHERE clock.id = chosen.id RETURNING clock.id, clock.due_at
"""
# Not of the handoffs that are swept, which would have more clocks to end.
MORE_CLOCKS: Final = """
INSERT INTO handoff_slaclock (handoff_id, lead_id, kind, target_id, calendar_id, started_at,
    warn_at, due_at, next_action_at)
SELECT handoff_id, lead_id, left(kind, 1) || '-more' || copy, target_id, calendar_id, started_at,
    due_at, due_at, due_at + make_interval(secs => copy)
FROM handoff_slaclock CROSS JOIN generate_series(1, %(copies)s) AS copy
WHERE stopped_at IS NULL AND handoff_id NOT IN (
    SELECT handoff_id FROM handoff_slaclock WHERE stopped_at IS NULL AND next_action_at <= %(at)s
)
"""


PUT_OFF: Final = """
UPDATE handoff_slaclock
SET next_action_at = next_action_at + interval '30 days', due_at = due_at + interval '30 days'
WHERE stopped_at IS NULL AND next_action_at <= %(at)s
"""


def late_clocks(world: World) -> Iterator[GoalResult]:
    """S1: ten thousand of the open clocks are late, and each round sweeps a fifth of them."""
    at, due = timezone.now(), min(DUE, world.size.leads // 10)
    make_due(due, at)
    share = due // ROUNDS
    batch = min(BATCH_SIZE, share)
    edition_id = SlaClock.objects.values_list("calendar", flat=True)[0]
    rule_set_id = configuration.now().rule_set_id
    values: dict[str, Any] = {
        "at": at,
        "batch": batch,
        "edition": edition_id,
        "rule_set": rule_set_id,
    }

    def sweep_plainly() -> int:
        with connection.cursor() as cursor:
            cursor.execute(S, values)
            return int(cursor.fetchone()[0])

    def control() -> None:
        sweep_share(sweep_plainly, share)

    def subject() -> None:
        sweep_share(lambda: sweep(at=at, batch=batch), share)

    def all_swept() -> Comparison:
        """Let both sweep the same clocks in each round, and the rounds all of them."""
        with transaction.atomic():
            for warm_up in (control, subject):
                rolled_back(warm_up)
            comparison = compare(
                lambda: rolled_back(control), lambda: seconds_with_checks(subject), warm_ups=0
            )
            assert sweep(at=at) == due - ROUNDS * share, "a round swept other clocks"
            transaction.set_rollback(True)
        return comparison

    comparison = most_stable(all_swept)
    note = f"{due:,} due of {running():,}"
    postpone(at)
    yield GoalResult(goal_of("sweep of 10 k due clocks ÷ S"), comparison, note)


def many_clocks(world: World) -> Iterator[GoalResult]:
    """S2: the cost of a sweep does not depend on the number of running clocks."""
    at, few, due = timezone.now(), running(), min(BATCH_SIZE, world.size.leads // 10)
    make_due(due, at)

    def measured() -> Sample:
        return alone(
            lambda: rolled_back(lambda: sweep_all(lambda: sweep(at=at), due)), rounds=SWEEPS
        )

    before = measured()
    execute(MORE_CLOCKS, {"at": at, "copies": TEN_TIMES - 1})
    execute("VACUUM (ANALYZE) handoff_slaclock")
    after, many = measured(), running()
    idle = alone(lambda: p50(times(lambda: sweep(at=at - A_MONTH), IDLE_TICKS)) * 1000)
    execute("DELETE FROM handoff_slaclock WHERE kind LIKE '_-more%'")
    execute("VACUUM (ANALYZE) handoff_slaclock")
    postpone(at)
    goal = goal_of("sweep at ten times the open clocks ÷ sweep")
    note = f"{few:,} and {many:,} open"
    yield GoalResult(goal, Comparison(subject=after, control=before), note)
    yield GoalResult(goal_of("idle sweep"), idle, f"{many:,} open")


def steady_clocks(world: World) -> Iterator[GoalResult]:
    """S4: two sweepers, one of which is killed, while clocks become due at a steady rate."""
    with ExitStack() as stack:
        killed, other = [stack.enter_context(sweeping()) for _ in range(2)]
        wait_for_sweep(killed)
        wait_for_sweep(other)
        start = timezone.now() + A_MOMENT
        due = due_at_rate(min(DUE_PER_SECOND * STEADY_SECONDS, world.size.leads // 20), start)
        swept: dict[int, datetime] = {}
        last = max(due.values())
        while len(swept) < len(due) and timezone.now() < last + GIVE_UP:
            if timezone.now() > start + (last - start) / 2:
                killed.kill()
            swept |= dict.fromkeys(stopped_clocks(due.keys() - swept.keys()), timezone.now())
            sleep(POLL_SECONDS)
    lateness = [(at - due[pk]).total_seconds() for pk, at in swept.items()]
    events = LeadEvent.objects.filter(
        kind=EventKind.CLOCK_BREACHED, occurred_at__gte=start, payload__clock__in=list(due)
    )
    times_of = Counter(events.values_list("payload__clock", flat=True))
    wrong = float(sum(times_of[pk] != 1 for pk in due))
    note = f"{len(due):,} clocks"
    yield GoalResult(
        goal_of("p99 lateness of 200 due clocks a second"), Sample((p99(lateness),)), note
    )
    yield GoalResult(goal_of("clocks not escalated exactly once"), Sample((wrong,)), note)


@contextmanager
def sweeping() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tools.bench.sweeper"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for_sweep(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None, "it is piped"
    process.stdout.readline()


def due_at_rate(count: int, start: datetime) -> dict[int, datetime]:
    """Let so many clocks be due one after the other; return when each is."""
    postpone(start + GIVE_UP)
    with connection.cursor() as cursor:
        cursor.execute(DUE_AT_RATE, {"at": start, "count": count, "rate": DUE_PER_SECOND})
        return dict(cursor.fetchall())


def stopped_clocks(pks: Collection[int]) -> list[int]:
    stopped = SlaClock.objects.filter(pk__in=pks).exclude(stopped_at=None)
    return list(stopped.values_list("pk", flat=True))


def sweep_share(step: Callable[[], int], share: int) -> None:
    """Sweep so many of the clocks that are due."""
    done = 0
    while done < share:
        count = step()
        assert count, f"{done} of {share} late clocks were swept"
        done += count


def sweep_all(step: Callable[[], int], due: int) -> None:
    done = 0
    while count := step():
        done += count
    assert done == due, f"{done} of {due} late clocks were swept"


def make_due(count: int, at: datetime) -> None:
    postpone(at)
    execute(MAKE_DUE, {"at": at, "count": count})
    execute("VACUUM (ANALYZE) handoff_slaclock")


def postpone(at: datetime) -> None:
    """Postpone clocks that are due but not part of the measurement."""
    execute(PUT_OFF, {"at": at})


def running() -> int:
    return SlaClock.objects.filter(stopped_at=None).count()


def execute(sql: str, values: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
