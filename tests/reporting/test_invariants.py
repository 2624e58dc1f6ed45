"""`check_invariants` finds each kind of violation."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone

from handoff.answers.accept import accept_handoff
from handoff.models import SlaClock
from leads.models import Lead, LeadScore
from people.models import Membership, Team
from people.roles import Role
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.refresh import follow_log
from tests.factories import (
    make_handoff,
    make_lead,
    make_person,
    make_pool,
    make_rep,
    route_everything_to,
)
from tests.people.factories import MONDAY_9AM, make_team
from tests.reporting.rollups import counts_of, set_count

pytestmark = pytest.mark.django_db


def checked() -> tuple[int, dict[str, Any]]:
    out = StringIO()
    code: Any = 0
    try:
        call_command("check_invariants", "--json", stdout=out)
    except SystemExit as ended:
        code = ended.code
    return code, json.loads(out.getvalue())


def violations() -> list[str]:
    code, report = checked()
    assert code == (1 if report["violations"] else 0)
    assert report["holds"] == (code == 0)
    return [f"{violation['subject']}: {violation['says']}" for violation in report["violations"]]


def test_offer_and_answer_violate_nothing() -> None:
    rep = make_rep()
    make_pool(rep)
    assert violations() == []

    first, _ = make_handoff(), make_handoff()
    assert violations() == []

    accept_handoff(handoff_id=first.pk, by=rep, at=MONDAY_9AM + timedelta(hours=1))
    assert violations() == []


def test_all_checks_are_listed() -> None:
    _, report = checked()

    assert len(report["checks"]) == 13
    assert "every SLA target that is owed has a running clock" in report["checks"]


def test_inactive_owner_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    rep.is_active = False
    rep.save()

    assert violations() == []
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        later = violations()
    assert later == [
        f"lead {handoff.lead_id}: it is with user {rep.pk}, who has left",
        f"handoff {handoff.pk}: it is with user {rep.pk}, who left",
    ]


def test_owner_without_the_role_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    rep.groups.clear()

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        later = violations()
    assert later == [
        f"lead {handoff.lead_id}: it is with user {rep.pk}, who has left",
        f"handoff {handoff.pk}: it is with user {rep.pk}, who left",
    ]


def test_queue_without_members_is_found() -> None:
    rep = make_rep()
    team = make_pool(rep)
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(owner=None, queue=team)
    type(handoff).objects.filter(pk=handoff.pk).update(owner=None, queue=team)
    assert violations() == []

    Membership.objects.filter(team=team).delete()

    assert violations() == [
        f"team {team.pk}: 1 leads wait there, but no one works in it",
        f"team {team.pk}: 1 offers wait there, but no one may answer them",
    ]


def test_queue_whose_members_may_not_answer_is_found() -> None:
    rep = make_rep()
    team = make_pool(rep)
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(owner=None, queue=team)
    type(handoff).objects.filter(pk=handoff.pk).update(owner=None, queue=team)

    rep.groups.set([Group.objects.get(name=Role.MARKETER.label)])

    assert violations() == [
        f"team {team.pk}: 1 leads wait there, but no one works in it",
        f"team {team.pk}: 1 offers wait there, but no one may answer them",
    ]


def test_unqualified_lead_may_wait_with_marketing() -> None:
    lead = make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", employees=3)
    marketing = Team.objects.get(name="Marketing")
    assert lead.queue == marketing
    assert violations() == [f"team {marketing.pk}: 1 leads wait there, but no one works in it"]

    Membership.objects.create(team=marketing, user=make_person(Role.MARKETER))

    assert violations() == []


def test_handoff_and_lead_with_different_owners_are_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(owner=make_rep())

    assert violations() == [
        f"handoff {handoff.pk}: it and lead {handoff.lead_id} have different owners"
    ]


def test_open_handoff_of_a_closed_lead_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    Lead.objects.update(stage="won", closed_at=MONDAY_9AM)

    assert f"handoff {handoff.pk}: it is open, and lead {handoff.lead_id} is closed" in violations()


def test_waiting_lead_while_a_rep_is_free_is_found() -> None:
    rep = make_rep()
    pool, queue = make_team(rep), make_team(make_rep())
    Membership.objects.filter(user=rep).update(capacity=0)
    route_everything_to(pool, when_nobody="queue", fallback_queue=queue)
    handoff = make_handoff()
    assert violations() == []

    Membership.objects.filter(user=rep).update(capacity=1)
    assert violations() == []  # The job has a minute to see it.

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert violations() == [
            f"lead {handoff.lead_id}: it waits in a queue, and user {rep.pk} is free"
        ]


def test_sla_without_a_running_clock_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    clock = SlaClock.objects.filter(handoff=handoff, kind="answer")
    clock.update(stopped_at=MONDAY_9AM, next_action_at=None)

    assert violations() == [f"handoff {handoff.pk}: its response SLA has no running clock"]


def test_unbalanced_round_robin_is_found() -> None:
    team = make_pool(make_rep(), make_rep())
    make_handoff()
    assert violations() == []
    balance = Membership.objects.filter(team=team)
    balance.filter(pk=balance.order_by("pk")[0].pk).update(balance=5)
    sum_ = sum(balance.values_list("balance", flat=True))

    assert violations() == [
        f"team {team.pk}: its round robin balances add up to {sum_}, not to zero"
    ]


def test_score_unlike_its_breakdown_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    points = LeadScore.objects.get(lead=handoff.lead_id).total
    Lead.objects.filter(pk=handoff.lead_id).update(score=1)

    assert violations() == [
        f"lead {handoff.lead_id}: the score is 1, but its breakdown adds up to {points}"
    ]


def test_stage_unlike_the_log_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(stage="sql")

    assert violations() == [f"lead {handoff.lead_id}: the stage is sql, but the log says mql"]


def test_wrong_figure_is_found_and_not_changed() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    follow_log(at=MONDAY_9AM)
    set_count(LEAD_ROLLUP, "mql", 9)

    assert violations() == ["figures of leads, 2026-11-02: 1 rows differ"]

    assert counts_of(LEAD_ROLLUP)["mql"] == 9
    assert LeadMilestones.objects.get().lead_id == handoff.lead_id


def test_dimension_that_moved_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + timedelta(hours=1))
    follow_log(at=MONDAY_9AM)
    assert violations() == []
    LeadMilestones.objects.update(source=None, owner=make_rep())
    HandoffMilestones.objects.update(temperature="cold", user=None)

    moved = violations()[:4]

    assert moved == [
        f"lead {handoff.lead_id}: its source is no longer that of the log",
        f"lead {handoff.lead_id}: its owner is no longer that of the log",
        f"handoff {handoff.pk}: its rep is no longer that of the log",
        f"handoff {handoff.pk}: its temperature is no longer that of the offer",
    ]
