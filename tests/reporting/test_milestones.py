from datetime import date, timedelta

import pytest
from pytest_django import Settings

from leads.stages import Stage
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.rollups.refresh import follow_log
from tests.reporting.history import (
    DAY,
    HOUR,
    MONDAY,
    accept,
    attempt,
    breach_sla,
    cannot_evaluate,
    make_lead,
    make_person,
    make_source,
    make_team,
    meet_sla,
    move,
    offer,
    reject,
)

pytestmark = pytest.mark.django_db


def milestones_of(lead_id: int) -> LeadMilestones:
    follow_log(at=MONDAY + 30 * DAY)
    return LeadMilestones.objects.get(lead=lead_id)


def test_lead_counts_on_its_opening_day_in_the_reporting_zone(
    settings: Settings,
) -> None:
    settings.REPORTING_TIME_ZONE = "Pacific/Auckland"
    lead = make_lead(opened=MONDAY.replace(hour=20), source=make_source())

    milestones = milestones_of(lead.pk)

    assert milestones.day == date(2026, 3, 3)
    assert milestones.source == make_source()
    assert milestones.mql_at is None
    assert milestones.implied == []


def test_skipped_stages_count_as_reached_at_the_same_time() -> None:
    lead = make_lead()
    move(lead, Stage.MQL, MONDAY + HOUR)
    move(lead, Stage.WON, MONDAY + 9 * DAY)

    milestones = milestones_of(lead.pk)

    assert milestones.engaged_at == milestones.mql_at == MONDAY + HOUR
    assert milestones.sal_at == milestones.sql_at == milestones.opportunity_at == milestones.won_at
    assert milestones.won_at == MONDAY + 9 * DAY
    assert milestones.implied == ["engaged", "sal", "sql", "opportunity"]


def test_entering_a_stage_again_keeps_the_first_time() -> None:
    lead = make_lead()
    move(lead, Stage.ENGAGED, MONDAY + 1 * HOUR)
    move(lead, Stage.MQL, MONDAY + 2 * HOUR)
    move(lead, Stage.SAL, MONDAY + 3 * HOUR)
    move(lead, Stage.NURTURE, MONDAY + 4 * HOUR)
    move(lead, Stage.ENGAGED, MONDAY + 5 * DAY)
    move(lead, Stage.MQL, MONDAY + 6 * DAY)
    move(lead, Stage.DISQUALIFIED, MONDAY + 7 * DAY)

    milestones = milestones_of(lead.pk)

    assert milestones.engaged_at == MONDAY + 1 * HOUR
    assert milestones.mql_at == MONDAY + 2 * HOUR
    assert milestones.sal_at == MONDAY + 3 * HOUR
    assert milestones.sql_at is None
    assert milestones.nurture_at == MONDAY + 4 * HOUR
    assert milestones.disqualified_at == MONDAY + 7 * DAY
    assert milestones.implied == []


def test_stage_entered_after_a_later_one_counts_as_implied() -> None:
    lead = make_lead()
    move(lead, Stage.MQL, MONDAY + HOUR)
    move(lead, Stage.ENGAGED, MONDAY + DAY)

    milestones = milestones_of(lead.pk)

    assert milestones.engaged_at == MONDAY + HOUR
    assert milestones.implied == ["engaged"]


def test_first_answer_and_first_and_last_reason_are_kept() -> None:
    rep, other = make_person("Robin Reed"), make_person("Kim Katz")
    lead = make_lead()
    first = offer(lead, MONDAY + HOUR, user=rep)
    reject(first, MONDAY + 2 * HOUR, rep, "bad_data")
    second = offer(lead, MONDAY + DAY, user=other)
    accept(second, MONDAY + DAY + HOUR, other)
    reject(second, MONDAY + 3 * DAY, other, "not_icp")

    milestones = milestones_of(lead.pk)

    assert milestones.offered_at == MONDAY + HOUR
    assert milestones.answered_at == MONDAY + 2 * HOUR
    assert (milestones.first_answer, milestones.last_answer) == ("rejected", "rejected")
    assert (milestones.first_reason, milestones.last_reason) == ("bad_data", "not_icp")


def test_lead_counts_for_its_first_answer_or_the_last_offer() -> None:
    rep, other = make_person("Robin Reed"), make_person("Kim Katz")
    rejected, reassigned, untouched = make_lead(), make_lead(), make_lead()
    reject(offer(rejected, MONDAY + HOUR, user=rep), MONDAY + 2 * HOUR, rep, "not_icp")
    offer(rejected, MONDAY + DAY, user=other)
    offer(reassigned, MONDAY + HOUR, user=rep)
    offer(reassigned, MONDAY + 2 * HOUR, user=other)

    owners = [milestones_of(lead.pk).owner for lead in (rejected, reassigned, untouched)]

    assert owners == [rep, other, None]


def test_cannot_evaluate_does_not_count_as_an_answer() -> None:
    rep = make_person()
    lead = make_lead()
    handoff = offer(lead, MONDAY, user=rep)
    cannot_evaluate(handoff, MONDAY + HOUR, rep)

    milestones = milestones_of(lead.pk)

    assert (milestones.first_answer, milestones.answered_at) == ("", None)
    assert HandoffMilestones.objects.get().cannot_evaluate_at == MONDAY + HOUR


def test_each_handoff_has_its_own_sla_rep_and_wait() -> None:
    late, quick, team = make_person("Late Lou"), make_person("Quick Quinn"), make_team("South")
    lead = make_lead(temperature="hot")
    first = offer(lead, MONDAY, user=late, team=team)
    breach_sla(first, MONDAY + HOUR, "answer")
    second = offer(lead, MONDAY + HOUR, team=team)
    accept(second, MONDAY + HOUR, quick)
    meet_sla(second, MONDAY + HOUR, "answer")
    attempt(second, MONDAY + HOUR + timedelta(minutes=7))
    attempt(second, MONDAY + 9 * HOUR)
    meet_sla(second, MONDAY + HOUR + timedelta(minutes=7))

    follow_log(at=MONDAY)

    by_handoff = HandoffMilestones.objects.in_bulk()
    assert (by_handoff[first.pk].user, by_handoff[second.pk].user) == (late, quick)
    assert by_handoff[first.pk].response_sla == "breached"
    assert by_handoff[first.pk].contact_sla == ""
    assert by_handoff[first.pk].wait is None
    assert by_handoff[second.pk].response_sla == "met"
    assert by_handoff[second.pk].contact_sla == "met"
    assert by_handoff[second.pk].wait == 7 * 60
    assert by_handoff[second.pk].temperature == "hot"
    assert by_handoff[second.pk].team == team
    lead_row = LeadMilestones.objects.get()
    assert lead_row.response_sla == "breached"
    assert lead_row.contact_sla == "breached"
    assert lead_row.wait == 67 * 60
    assert lead_row.first_contact_at == MONDAY + HOUR + timedelta(minutes=7)


@pytest.mark.parametrize("is_rejected", [True, False])
def test_handoff_answered_twice_counts_for_the_first_rep(is_rejected: bool) -> None:
    rep, manager = make_person("Robin Reed"), make_person("Kim Katz")
    lead = make_lead()
    handoff = offer(lead, MONDAY, user=rep)
    if is_rejected:
        reject(handoff, MONDAY + DAY, manager, "not_icp")
    else:
        cannot_evaluate(handoff, MONDAY + DAY, manager)
    accept(handoff, MONDAY + HOUR, rep)

    follow_log(at=MONDAY + 2 * DAY)

    assert rep.pk < manager.pk
    assert HandoffMilestones.objects.get().user == rep


def test_later_event_updates_existing_milestones() -> None:
    lead = make_lead()
    assert milestones_of(lead.pk).mql_at is None

    move(lead, Stage.MQL, MONDAY + HOUR)

    assert milestones_of(lead.pk).mql_at == MONDAY + HOUR


def test_event_dated_earlier_than_counted_ones_counts() -> None:
    lead = make_lead()
    move(lead, Stage.MQL, MONDAY + 5 * DAY)
    assert milestones_of(lead.pk).mql_at == MONDAY + 5 * DAY

    move(lead, Stage.MQL, MONDAY + 2 * DAY)

    assert milestones_of(lead.pk).mql_at == MONDAY + 2 * DAY
