"""Events that a later one takes back count nowhere, as if they had never been written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from leads.events import AnswerUndone, ImportUndone
from leads.models import LeadEvent
from leads.stages import Stage
from reporting.facts.log_span import LogSpan
from reporting.facts.milestones import LEAD_MILESTONES, parameters
from reporting.models import HandoffMilestones, LeadMilestones, Restatement
from reporting.rollups.prove import find_differences
from reporting.rollups.refresh import follow_log, rebuild
from tests.reporting.history import (
    DAY,
    HOUR,
    MONDAY,
    accept,
    breach_sla,
    cannot_evaluate,
    log,
    make_lead,
    make_person,
    meet_sla,
    move,
    offer,
    reject,
    settle,
)

pytestmark = pytest.mark.django_db
COMMITTED = pytest.mark.django_db(transaction=True)


def figures() -> list[Any]:
    tables: list[Any] = [LeadMilestones, HandoffMilestones]
    return [row for table in tables for row in table.objects.order_by("pk").values()]


def ids_since(event: LeadEvent) -> list[int]:
    later = LeadEvent.objects.filter(lead=event.lead_id, pk__gt=event.pk)
    return list(later.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("answer", ["accepted", "rejected", "cannot_evaluate"])
@pytest.mark.parametrize("count", [follow_log, rebuild])
def test_answer_taken_back_leaves_no_trace_in_the_figures(answer: str, count: Any) -> None:
    rep, lead = make_person(), make_lead()
    move(lead, Stage.MQL, MONDAY)
    handoff = offer(lead, MONDAY, user=rep)
    follow_log(at=MONDAY + HOUR)
    before, last = figures(), LeadEvent.objects.latest("pk")
    breach_sla(handoff, MONDAY + HOUR, "answer")
    if answer == "accepted":
        accept(handoff, MONDAY + HOUR, rep)
        meet_sla(handoff, MONDAY + HOUR, "first_contact")
        move(lead, Stage.SAL, MONDAY + HOUR)
    elif answer == "rejected":
        reject(handoff, MONDAY + HOUR, rep, "not_icp")
        move(lead, Stage.DISQUALIFIED, MONDAY + HOUR)
    else:
        cannot_evaluate(handoff, MONDAY + HOUR, rep)
    follow_log(at=MONDAY + HOUR)
    assert figures() != before

    undone = AnswerUndone(
        taken_back=ids_since(last), handoff=handoff.pk, answer=answer, user=rep.pk
    )
    log(lead, undone, MONDAY + DAY)
    count(at=MONDAY + DAY)

    assert figures() == before
    assert not list(find_differences(at=MONDAY + DAY))


def test_stage_counts_from_the_move_that_stands() -> None:
    lead = make_lead()
    last = LeadEvent.objects.latest("pk")
    move(lead, Stage.MQL, MONDAY + HOUR)
    move(lead, Stage.WON, MONDAY + DAY)
    log(lead, ImportUndone(run=1, touches=[], taken_back=ids_since(last)), MONDAY + 2 * DAY)
    move(lead, Stage.MQL, MONDAY + 3 * DAY)

    follow_log(at=MONDAY + 4 * DAY)

    counted = LeadMilestones.objects.get()
    assert (counted.mql_at, counted.won_at) == (MONDAY + 3 * DAY, None)


def test_ids_are_taken_back_only_from_the_own_lead() -> None:
    other, lead = make_lead(), make_lead()
    move(other, Stage.MQL, MONDAY + HOUR)
    undone = ImportUndone(run=1, touches=[], taken_back=[LeadEvent.objects.latest("pk").pk])
    log(lead, undone, MONDAY + DAY)

    follow_log(at=MONDAY + DAY)

    assert LeadMilestones.objects.get(lead=other).mql_at == MONDAY + HOUR
    assert LeadEvent.objects.counted().count() == LeadEvent.objects.count()


def undo_answer_of_january() -> None:
    rep, lead = make_person(), make_lead(opened=MONDAY - 40 * DAY)
    handoff = offer(lead, MONDAY, user=rep)
    settle()
    follow_log(at=MONDAY)
    last = LeadEvent.objects.latest("pk")
    reject(handoff, MONDAY + HOUR, rep, "not_icp")
    answer = ids_since(last)
    settle()
    follow_log(at=MONDAY + HOUR)
    undone = AnswerUndone(taken_back=answer, handoff=handoff.pk, answer="rejected", user=rep.pk)
    log(lead, undone, MONDAY + HOUR)
    settle()
    follow_log(at=MONDAY + 2 * HOUR)


@COMMITTED
def test_answer_that_was_counted_is_restated_with_its_cause() -> None:
    undo_answer_of_january()

    causes = Restatement.objects.values_list("rollup", "cause").distinct()
    assert ("leads", "taken_back") in set(causes)
    assert {cause for _, cause in causes} == {"taken_back"}


@COMMITTED
def test_answer_taken_back_before_it_was_counted_restates_nothing() -> None:
    rep = make_person()
    make_lead()
    settle()
    follow_log(at=MONDAY)
    lead = make_lead()
    handoff = offer(lead, MONDAY, user=rep)
    last = LeadEvent.objects.latest("pk")
    accept(handoff, MONDAY + HOUR, rep)
    undone = AnswerUndone(
        taken_back=ids_since(last), handoff=handoff.pk, answer="accepted", user=rep.pk
    )
    log(lead, undone, MONDAY + HOUR)
    settle()

    follow_log(at=MONDAY + 2 * HOUR)

    assert not Restatement.objects.exists()


def test_refresh_finds_what_is_taken_back_by_its_own_index() -> None:
    span = LogSpan((0, 0), (1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql = LEAD_MILESTONES.counted.format(scope=span.leads)
        cursor.execute(f"EXPLAIN {sql}", parameters("UTC", span))
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "event_that_takes_back" in plan
    assert "Seq Scan" not in plan
