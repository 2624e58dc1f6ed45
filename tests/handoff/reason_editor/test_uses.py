"""Count uses of reasons and the leads that wait because of one; each is recounted by hand."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from core.days import day_of
from handoff.admin.reason_editor.uses import (
    USE_DAYS,
    read_uses,
    uses_by_reason,
    waiting_for,
)
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff, RejectionReason
from people.models import Team, User
from reporting.queries.drilldown import read_drilldown
from reporting.rollups.refresh import follow_log
from tests.factories import make_handoff, make_lead, make_pool, owner_of
from tests.people.factories import FULL_DAY, MONDAY_9AM, make_calendar

NOW = MONDAY_9AM + timedelta(days=100)


@pytest.fixture
def pool(olga: User) -> Team:
    return make_pool(calendar=make_calendar(FULL_DAY, days=range(7)))


def reject(code: str, *, days_ago: float) -> Handoff:
    at = NOW - timedelta(days=days_ago)
    handoff = make_handoff(at=at)
    reject_handoff(
        handoff_id=handoff.pk, reason_code=code, by=owner_of(handoff), at=at + timedelta(hours=1)
    )
    return handoff


@pytest.mark.usefixtures("olga", "pool")
def test_uses_are_those_of_the_list_behind_them() -> None:
    for days_ago in (0, 3, 89.2, 90.2):
        reject("bad_timing", days_ago=days_ago)
    reject("no_budget", days_ago=1)
    make_handoff(at=NOW)
    follow_log(at=NOW)

    uses = {RejectionReason.objects.get(pk=pk).code: n for pk, n in read_uses(NOW).items()}

    first = day_of(NOW) - timedelta(days=USE_DAYS - 1)
    by_hand: dict[str, int] = {}
    for handoff in Handoff.objects.select_related("reason"):
        if handoff.state == "rejected" and first <= day_of(handoff.offered_at) <= day_of(NOW):
            assert handoff.reason is not None
            by_hand[handoff.reason.code] = by_hand.get(handoff.reason.code, 0) + 1
    assert uses == by_hand == {"bad_timing": 3, "no_budget": 1}
    for code, number in by_hand.items():
        sent = {"metric": "rejection_reasons", "reason": code}
        assert read_drilldown(sent, today=day_of(NOW)).rows().count() == number


@pytest.mark.usefixtures("olga", "pool")
def test_leads_wait_for_the_reason_of_their_last_handoff(timing: RejectionReason) -> None:
    waiting = [reject("bad_timing", days_ago=days) for days in (5, 4)]
    reject("no_budget", days_ago=3)
    reject("not_icp", days_ago=2)
    make_lead(at=NOW)
    again = waiting[1].lead
    again.refresh_from_db()
    Handoff.objects.create(
        lead=again,
        state="expired",
        queue=again.queue,
        policy=waiting[1].policy,
        offered_at=NOW,
        closed_at=NOW,
    )

    by_hand = 0
    for handoff in Handoff.objects.select_related("lead"):
        last = max(handoff.lead.handoffs.all(), key=lambda row: row.offered_at)
        lead = handoff.lead
        is_waiting = lead.wake_on is not None and lead.closed_at is None
        by_hand += last == handoff and handoff.reason_id == timing.pk and is_waiting
    assert waiting_for(timing.pk).count() == by_hand == 1


@pytest.mark.usefixtures("olga")
def test_uses_and_waiting_leads_are_read_by_an_index(timing: RejectionReason) -> None:
    assert "handoff_rejected_by_offer" in plan_of(uses_by_reason(NOW))
    waiting = plan_of(waiting_for(timing.pk))
    assert "lead_by_wake_date" in waiting
    assert "Seq Scan" not in waiting


def plan_of(rows: Any) -> str:
    """Return the plan for large tables, which are not read as a whole."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        ((plan,),) = cursor.fetchall()
    return json.dumps(plan)
