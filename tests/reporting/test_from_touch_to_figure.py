"""Read the log that the product writes back as figures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Attempt
from leads.stages import Stage
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Period, Scope
from reporting.rollups.refresh import follow_log
from tests.factories import make_handoff, make_pool, make_rep
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOVEMBER = Scope(Period(date(2026, 11, 1), date(2026, 11, 30)))


def counts_of(name: str, group: str = "") -> list[dict[str, object]]:
    follow_log(at=MONDAY_9AM + timedelta(days=20))
    return run_report(REPORTS[name], NOVEMBER, group).rows


def test_each_answer_counts_once() -> None:
    rep = make_rep("Robin Reed")
    make_pool(rep)
    accepted, rejected, unclear, waiting = (make_handoff() for _ in range(4))
    accept_handoff(handoff_id=accepted.pk, by=rep, at=MONDAY_9AM + HOUR)
    reject_handoff(
        handoff_id=rejected.pk,
        reason_code="not_icp",
        by=rep,
        at=MONDAY_9AM + HOUR,
    )
    mark_cannot_evaluate(
        handoff_id=unclear.pk,
        missing_fields=["company.industry"],
        by=rep,
        at=MONDAY_9AM + HOUR,
    )

    (row,) = counts_of("sources")

    assert row["source"] == "Website"
    assert {name: row[name] for name in ("leads", "mql", "sal", "sql", "offered")} == {
        "leads": 4,
        "mql": 4,
        "sal": 1,
        "sql": 0,
        "offered": 4,
    }
    assert (row["answered"], row["accepted"], row["rejected"]) == (2, 1, 1)
    assert counts_of("rejections") == [
        {"source": "Website", "reason": "Outside our customer profile", "rejections": 1}
    ]
    (speed,) = counts_of("speed", "user")
    assert speed["user"] == "Robin Reed"
    assert (speed["handoffs"], speed["unevaluated"], speed["responses"]) == (4, 1, 3)
    assert waiting.state == "offered"


def test_sla_is_met_or_breached_by_the_first_attempt() -> None:
    rep = make_rep("Robin Reed")
    make_pool(rep)
    quick, late = make_handoff(), make_handoff()
    for handoff, after in ((quick, timedelta(minutes=12)), (late, timedelta(days=9))):
        accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + after)
        log_attempt(
            handoff_id=handoff.pk,
            by=rep,
            channel=Attempt.Channel.CALL,
            outcome=Attempt.Outcome.REACHED,
            occurred_at=MONDAY_9AM + after,
            at=MONDAY_9AM + after,
        )

    (row,) = counts_of("speed", "user")

    assert (row["contacted"], row["contact_sla_met"], row["contact_sla_ended"]) == (2, 1, 2)
    assert (row["response_sla_met"], row["response_sla_ended"]) == (1, 2)
    assert (row["sla_met"], row["sla_ended"]) == (1, 2)


def test_won_lead_counts_in_every_stage() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + HOUR)
    for days, stage in enumerate((Stage.SQL, Stage.OPPORTUNITY, Stage.WON), 1):
        advance_lead(handoff_id=handoff.pk, to=stage, by=rep, at=MONDAY_9AM + timedelta(days=days))

    stages = {row["stage"]: row["leads"] for row in counts_of("funnel")}

    assert stages["Sales qualified"] == stages["Opportunities"] == stages["Won"] == 1
