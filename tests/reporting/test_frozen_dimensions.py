"""Dimensions are those of the moment at which the fact happened, whatever follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import Error, transaction

from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from handoff.reassignment import reassign
from leads.models import Lead, LeadType
from people.models import User
from people.roles import Role
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Period, Scope
from reporting.rollups.refresh import follow_log
from tests.factories import (
    make_handoff,
    make_lead,
    make_person,
    make_pool,
    make_queue,
    make_receipt,
    make_rep,
)
from tests.people.factories import MONDAY_9AM
from tests.reporting.history import make_campaign, make_source

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOVEMBER = Scope(Period(date(2026, 11, 1), date(2026, 11, 30)))


def counts_by(group: str) -> dict[object, tuple[object, object]]:
    """Return leads and MQLs of November."""
    follow_log(at=MONDAY_9AM + 60 * DAY)
    rows = run_report(REPORTS["sources"], NOVEMBER, group).rows
    return {row[group]: (row["leads"], row["mql"]) for row in rows}


def test_lead_type_of_a_cohort_stays_when_a_demo_request_follows() -> None:
    make_pool(make_rep())
    download = LeadType.objects.get(code="download")
    lead = make_lead(
        kind="content_download",
        lead_type=download.code,
        email="ana@kontor.example",
        seniority="staff",
        employees=3,
    )
    assert counts_by("lead_type") == {download.name: (1, 0)}

    make_receipt(at=MONDAY_9AM + 30 * DAY, email="ana@kontor.example", lead_type="demo")

    assert counts_by("lead_type") == {download.name: (1, 1)}
    lead.refresh_from_db()
    assert lead.lead_type == LeadType.objects.get(code="demo")


def test_source_and_campaign_are_those_of_the_entry() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    follow_log(at=MONDAY_9AM)
    (source,) = counts_by("source")

    changed = {"source": make_source("Webinar"), "campaign": make_campaign()}
    Lead.objects.filter(pk=handoff.lead_id).update(**changed)
    reject_handoff(
        handoff_id=handoff.pk, reason_code="no_budget", by=_owner(handoff), at=MONDAY_9AM + HOUR
    )

    assert counts_by("source") == {source: (1, 1)}
    assert counts_by("campaign") == {None: (1, 1)}
    assert HandoffMilestones.objects.get().source == LeadMilestones.objects.get().source


def test_temperature_is_that_of_the_offer() -> None:
    make_pool(make_rep())
    handoff = make_handoff(lead_type="download", email="ana@kontor.example")
    assert handoff.temperature == "warm"

    make_receipt(at=MONDAY_9AM + DAY, lead_type="demo", email="ana@kontor.example")

    follow_log(at=MONDAY_9AM + 2 * DAY)
    assert Lead.objects.get().temperature == "hot"
    assert HandoffMilestones.objects.get().temperature == "warm"


@pytest.mark.parametrize("change", [{"temperature": "cold"}, {"offered_at": MONDAY_9AM - DAY}])
def test_database_keeps_the_facts_of_an_offer(change: dict[str, object]) -> None:
    make_pool(make_rep())
    handoff = make_handoff()

    with pytest.raises(Error, match="Cannot update rows"), transaction.atomic():
        Handoff.objects.filter(pk=handoff.pk).update(**change)


def test_lead_counts_for_the_rep_who_answered_it_first() -> None:
    first, second = make_rep("Robin Reed"), make_rep("Kim Katz")
    manager = make_person(Role.SALES_MANAGER)
    make_pool(first, second, manager=manager)
    handoff = make_handoff()
    answered_by = _owner(handoff)
    other = second if answered_by == first else first
    accept_handoff(handoff_id=handoff.pk, by=answered_by, at=MONDAY_9AM + HOUR)

    reassign(handoff_id=handoff.pk, to=other, by=manager, at=MONDAY_9AM + 2 * HOUR)

    assert counts_by("owner") == {answered_by.name: (1, 1)}


def test_unanswered_lead_counts_for_the_rep_it_was_offered_to_last() -> None:
    first, second = make_rep("Robin Reed"), make_rep("Kim Katz")
    manager = make_person(Role.SALES_MANAGER)
    make_pool(first, second, manager=manager)
    handoff = make_handoff()
    other = second if _owner(handoff) == first else first

    reassign(handoff_id=handoff.pk, to=other, by=manager, at=MONDAY_9AM + HOUR)

    assert counts_by("owner") == {other.name: (1, 1)}


def test_rep_who_pulls_a_lead_from_a_queue_is_credited_through_it() -> None:
    puller, other = make_rep("Robin Reed"), make_rep("Kim Katz")
    manager = make_person(Role.SALES_MANAGER)
    queue = make_queue(puller, other, manager=manager)
    handoff = make_handoff()
    assert handoff.owner is None

    accept_handoff(handoff_id=handoff.pk, by=puller, at=MONDAY_9AM + HOUR)
    reassign(handoff_id=handoff.pk, to=other, by=manager, at=MONDAY_9AM + 2 * HOUR)

    assert counts_by("owner") == {"Robin Reed": (1, 1)}
    assert counts_by("team") == {queue.name: (1, 1)}


def _owner(handoff: Handoff) -> User:
    assert handoff.owner is not None
    return handoff.owner
