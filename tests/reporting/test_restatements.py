"""Published figures that change leave a restatement with before, after and cause."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from handoff.escalation.sweep import sweep
from leads.events import REVERSED, StageChanged
from leads.stages import Stage
from reporting.models import LeadMilestones, Restatement
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.prove import prove
from reporting.rollups.refresh import follow_log
from tests.handoff.test_late_attempts import call, offered
from tests.people.factories import MONDAY_9AM
from tests.reporting.history import DAY, HOUR, MONDAY, log, make_lead, move, settle
from tests.reporting.rollups import counts_of

pytestmark = pytest.mark.django_db
# Within one open transaction, the cursor reads all events again at each refresh.
COMMITTED = pytest.mark.django_db(transaction=True)

APRIL = MONDAY + 40 * DAY
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def restatements() -> list[tuple[object, ...]]:
    rows = Restatement.objects.order_by("pk")
    return list(rows.values_list("rollup", "day", "last_day", "cause", "was", "now"))


def test_lead_added_to_a_closed_month_is_restated() -> None:
    make_lead()
    follow_log(at=APRIL)

    make_lead(opened=MONDAY + DAY)
    follow_log(at=APRIL + HOUR)

    assert restatements() == [("leads", *MARCH, "backdated", {"leads": 1}, {"leads": 2})]


@COMMITTED
def test_backdated_move_is_restated_without_what_was_on_time() -> None:
    backdated, current = make_lead(), make_lead()
    settle()
    follow_log(at=APRIL)

    move(backdated, Stage.MQL, MONDAY + DAY)
    move(current, Stage.MQL, APRIL + HOUR)
    settle()
    follow_log(at=APRIL + 2 * HOUR)

    at_once = {"mql_in_7_days": 0, "mql_in_30_days": 0}
    assert restatements() == [
        (
            *("leads", *MARCH, "backdated"),
            {"engaged": 1, "mql": 1, **at_once},
            {"engaged": 2, "mql": 2, **{code: number + 1 for code, number in at_once.items()}},
        )
    ]
    assert counts_of(LEAD_ROLLUP)["mql"] == 2


@COMMITTED
def test_lead_that_matures_restates_nothing() -> None:
    lead = make_lead()
    settle()
    follow_log(at=APRIL)

    move(lead, Stage.MQL, APRIL + HOUR)
    settle()
    follow_log(at=APRIL + 2 * HOUR)

    assert restatements() == []
    assert counts_of(LEAD_ROLLUP)["mql"] == 1


def test_history_of_months_without_figures_restates_nothing() -> None:
    make_lead(opened=APRIL)
    follow_log(at=APRIL)

    make_lead(opened=MONDAY)
    follow_log(at=APRIL + HOUR)

    assert restatements() == []


def test_event_just_before_the_month_ended_restates_nothing() -> None:
    make_lead()
    follow_log(at=MONDAY.replace(month=4, day=1, hour=0))

    make_lead(opened=MONDAY.replace(day=31, hour=23))
    follow_log(at=MONDAY.replace(month=4, day=1, hour=1))

    assert restatements() == []


def test_attempt_logged_late_is_restated() -> None:
    handoff = offered()
    sweep(at=MONDAY_9AM + timedelta(minutes=61))
    follow_log(at=MONDAY_9AM + timedelta(minutes=62))

    call(handoff)
    follow_log(at=MONDAY_9AM + timedelta(minutes=71))

    (restatement,) = Restatement.objects.filter(rollup="handoffs")
    assert restatement.cause == "corrected"
    assert restatement.was["contact_sla_met"] == 0
    assert restatement.now["contact_sla_met"] == 1
    assert "contact_sla_ended" not in restatement.now


@COMMITTED
def test_reversed_deal_is_no_longer_won_and_is_restated(reader: Client) -> None:
    lead, other = make_lead(), make_lead()
    for deal in (lead, other):
        move(deal, Stage.WON, MONDAY + DAY)
    settle()
    follow_log(at=APRIL)

    log(lead, StageChanged(why=REVERSED, reason="not_signed"), APRIL + HOUR, Stage.OPPORTUNITY)
    settle()
    follow_log(at=APRIL + 2 * HOUR)

    assert restatements() == [("leads", *MARCH, "reversed", {"won": 2}, {"won": 1})]
    assert counts_of(LEAD_ROLLUP)["opportunity"] == 2
    assert prove(at=APRIL + 3 * HOUR) == []
    html = reader.get("/reports/funnel/?from=2026-03-01&to=2026-03-31").content.decode()
    assert "Won from 2 to 1, because a won deal was reversed" in html

    move(lead, Stage.WON, APRIL + 4 * HOUR)
    settle()
    follow_log(at=APRIL + 5 * HOUR)
    assert counts_of(LEAD_ROLLUP)["won"] == 2
    assert LeadMilestones.objects.get(lead=lead).won_at == APRIL + 4 * HOUR


def test_report_shows_before_after_and_cause(reader: Client) -> None:
    make_lead()
    follow_log(at=APRIL)
    make_lead(opened=MONDAY + DAY)
    follow_log(at=APRIL + HOUR)

    html = reader.get("/reports/?from=2026-03-10&to=2026-03-20").content.decode()

    assert (
        "leads of Mar 1 – Mar 31, 2026, Leads from 1 to 2, "
        "because data was entered or imported after the month had ended"
    ) in html
