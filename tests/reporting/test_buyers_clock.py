"""The buyer's clock runs from the request to the first contact, whoever has the lead."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.escalation.sweep import sweep
from handoff.models import Attempt, Handoff
from handoff.reassignment import reassign
from people.models import User
from people.roles import Role
from reporting.models import LeadMilestones
from reporting.queries.drilldown import read_drilldown
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.rollup_queries import total
from reporting.queries.scope import Period, Scope
from reporting.registry.counters import Basis
from reporting.registry.figures import Figure, figure
from reporting.registry.metrics import METRICS
from reporting.rollups.refresh import follow_log
from tests.factories import make_person, make_receipt, make_rep
from tests.handoff.factories import make_handoff, make_policy
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOVEMBER = Scope(Period(date(2026, 11, 1), date(2026, 11, 30)))
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}


def request_figures() -> tuple[Figure, Figure]:
    follow_log(at=MONDAY_9AM + 9 * HOUR)
    answers = run_report(REPORTS["speed"], NOVEMBER).answers
    counts = total(answers.tables[2], basis=Basis.LEADS)
    return (
        figure(METRICS["time_to_first_contact"], counts),
        figure(METRICS["request_within_sla"], counts),
    )


def offered_to(*reps: User, manager: User | None = None) -> Handoff:
    policy = make_policy(answer=4 * HOUR, first_contact=HOUR, target_reassigns_on_breach=False)
    return make_handoff(owner=reps[0], team=make_team(*reps, manager=manager), policy=policy)


def call(handoff_id: int, by: User, minutes: int) -> None:
    at = MONDAY_9AM + minutes * MINUTE
    log_attempt(
        handoff_id=handoff_id,
        by=by,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=at,
        at=at,
    )


def test_reassigning_before_each_deadline_does_not_buy_time() -> None:
    reps, manager = [make_rep(), make_rep(), make_rep()], make_person(Role.SALES_MANAGER)
    handoff_id = offered_to(*reps, manager=manager).pk
    for rep, minutes in ((reps[1], 25), (reps[2], 50)):
        at = MONDAY_9AM + minutes * MINUTE
        handoff_id = reassign(handoff_id=handoff_id, to=rep, by=manager, at=at)
    accept_handoff(handoff_id=handoff_id, by=reps[2], at=MONDAY_9AM + 70 * MINUTE)
    call(handoff_id, reps[2], 100)

    wait, within_sla = request_figures()

    assert wait.median == 100
    assert (within_sla.numerator, within_sla.denominator) == (0, 1)
    speed = run_report(REPORTS["speed"], NOVEMBER, "user").rows
    assert max(row["contact_sla_met"] for row in speed) == 1


def test_contact_by_another_rep_in_time_meets_it() -> None:
    first, second = make_rep(), make_rep()
    manager = make_person(Role.SALES_MANAGER)
    handoff = offered_to(first, second, manager=manager)
    at = MONDAY_9AM + 25 * MINUTE
    call(reassign(handoff_id=handoff.pk, to=second, by=manager, at=at), second, 55)

    wait, within_sla = request_figures()

    assert wait.median == 55
    assert (within_sla.numerator, within_sla.denominator) == (1, 1)


def test_lead_without_contact_is_overdue_once_its_clock_is_breached() -> None:
    offered_to(make_rep())
    assert request_figures()[1].denominator == 0

    sweep(at=MONDAY_9AM + 61 * MINUTE)

    wait, within_sla = request_figures()
    assert (wait.median, wait.denominator) == (None, 1)
    assert (within_sla.numerator, within_sla.denominator) == (0, 1)


def test_clock_starts_with_the_touch_that_led_to_the_offer() -> None:
    rep = make_rep()
    offered_to(rep)
    download = {"kind": "content_download", "lead_type": "download", "seniority": "staff"}
    make_receipt(at=MONDAY_9AM, email="ana@kontor.example", employees=3, **download)
    later = MONDAY_9AM + 30 * MINUTE
    receipt = make_receipt(at=later, email="ana@kontor.example", lead_type="demo")
    make_receipt(at=later + MINUTE, email="ana@kontor.example", lead_type="demo")

    follow_log(at=MONDAY_9AM + 9 * HOUR)

    row = LeadMilestones.objects.get(lead=receipt.lead_id)
    if row.offered_at == MONDAY_9AM:
        pytest.fail("the download was offered at once")
    assert row.requested_at == row.offered_at == later


def test_lists_and_recount_equal_the_figures() -> None:
    """Recount from attempts and handoffs, in Python."""
    reps, manager = [make_rep(), make_rep()], make_person(Role.SALES_MANAGER)
    minutes = [10, 40, 61, 200]
    for after in minutes:
        handoff = offered_to(*reps, manager=manager)
        call(handoff.pk, reps[0], after)
    offered_to(*reps)

    wait, within_sla = request_figures()

    waits = [
        (attempt.occurred_at - attempt.lead.opened_at) / MINUTE
        for attempt in Attempt.objects.select_related("lead")
    ]
    assert sorted(waits) == minutes
    assert (wait.median, wait.numerator, wait.denominator) == (50.5, 4, 5)
    in_time = [minute for minute in waits if minute < 60]
    assert (within_sla.numerator, within_sla.denominator) == (len(in_time), len(waits))
    for shown in (wait, within_sla):
        for part, number in (("numerator", shown.numerator), ("denominator", shown.denominator)):
            parameters = {"metric": shown.metric.code, "part": part, **DAYS}
            assert read_drilldown(parameters, today=date(2026, 11, 30)).rows().count() == number


def test_speed_page_shows_the_wait_of_buyers(reader: Client) -> None:
    follow_log(at=MONDAY_9AM)

    html = reader.get("/reports/speed/").content.decode()

    assert "Request to first contact" in html
    assert "Requests contacted within SLA" in html
