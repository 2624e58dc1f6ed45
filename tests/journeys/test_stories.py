"""Whole stories over HTTP, from an inquiry to the figures it counts in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.models import Handoff, SlaClock
from leads.models import EventKind, Lead, LeadEvent
from people.models import Notice, User
from people.roles import Role
from tests.factories import make_person, make_rep, route_everything_to
from tests.journeys.story import EVENING, NOVEMBER, Story, after, handoff_of
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Ines Kaya")


@pytest.fixture
def reps(manager: User) -> list[User]:
    """Two reps in one pool that gets every lead."""
    reps = [make_rep("Mia Hoffmann"), make_rep("Tom Brandt")]
    route_everything_to(make_team(*reps, manager=manager))
    return reps


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER, "Leo Winter")


def stages_of(lead_id: int) -> list[str]:
    changes = LeadEvent.objects.filter(lead=lead_id, kind=EventKind.STAGE_CHANGED)
    return list(changes.order_by("pk").values_list("to_stage", flat=True))


def subjects_of(user: User) -> list[str]:
    notices = Notice.objects.filter(recipient=user).order_by("pk")
    return [notice.subject.partition(":")[0] for notice in notices]


def test_late_lead_is_reassigned_rejected_and_counted(
    story: Story, reps: list[User], manager: User, marketer: User
) -> None:
    lead_id = story.arrives(MONDAY_9AM)["lead"]
    first = Handoff.objects.get()
    slow = first.owner
    assert slow in reps
    quick = next(rep for rep in reps if rep != slow)
    assert story.sees(slow, "/inbox/", MONDAY_9AM).texts(".offer-list .countdown-left") == [
        "· 30 working\N{NO-BREAK SPACE}min"
    ]

    story.workers_run(MONDAY_9AM + after(25))
    assert subjects_of(slow)[1].startswith("Response due")
    story.workers_run(MONDAY_9AM + after(31))

    second = Handoff.objects.get(previous=first)
    first.refresh_from_db()
    assert (first.state, second.state, second.owner) == ("expired", "offered", quick)
    breached = SlaClock.objects.get(handoff=first, kind="answer").breached_at
    assert breached == MONDAY_9AM + after(30)
    assert subjects_of(manager) == ["Response overdue"]
    assert "A lead was reassigned to you" in subjects_of(quick)
    refused = story.does(slow, "accept", MONDAY_9AM + after(32), of=first.pk)
    assert refused.text(".messages") == (
        f"This lead was already expired on Nov 2, 2026, 9:31 AM. It is with {quick} now."
    )
    inbox = story.sees(quick, "/inbox/", MONDAY_9AM + after(31))
    assert inbox.texts(".offer-list .countdown-left") == ["· 30 working\N{NO-BREAK SPACE}min"]

    story.does(quick, "reject", MONDAY_9AM + after(45), of=second.pk, reason="no_budget")

    assert stages_of(lead_id) == ["mql", "nurture"]
    page = story.sees(marketer, f"/leads/{lead_id}/", EVENING)
    activity = page.texts(".timeline-what")
    assert "Response SLA breached" in activity
    assert f"Rejected: No budget or project canceled · {quick}" in activity
    (row,) = story.figures(marketer, "sources", EVENING, since=NOVEMBER, by="source")
    counts = {name: row.get(name, "0") for name in ("leads", "mql", "sal", "offered", "rejected")}
    assert counts == {"leads": "1", "mql": "1", "sal": "0", "offered": "1", "rejected": "1"}
    assert story.figures(marketer, "rejections", EVENING, since=NOVEMBER, by="source") == [
        {"source": "Website", "reason": "No budget or project canceled", "rejections": "1"}
    ]
    speed = story.figures(marketer, "speed", EVENING, since=NOVEMBER, by="user")
    sla = {row["user"]: (row.get("response_sla_met"), row["response_sla_ended"]) for row in speed}
    assert sla == {slow.name: (None, "1"), quick.name: ("1", "1")}


def test_lead_sales_could_not_evaluate_is_completed_and_reoffered(
    story: Story, reps: list[User], marketer: User
) -> None:
    answer = story.arrives(MONDAY_9AM)
    first = handoff_of(answer)
    assert first.owner is not None
    missing = ["contact.has_phone", "lead.timing"]
    story.does(first.owner, "cannot-evaluate", MONDAY_9AM + after(5), of=first.pk, missing=missing)
    lead = Lead.objects.get(pk=answer["lead"])
    assert (lead.stage, str(lead.queue)) == ("engaged", "Marketing")
    page = story.sees(marketer, f"/leads/{lead.pk}/", MONDAY_9AM + after(20))
    assert page.text("#complete h2") == "Sales needs more information"

    story.sends(
        marketer,
        f"/leads/{lead.pk}/complete/",
        MONDAY_9AM + after(30),
        **{"contact-has_phone": "030 901820", "lead-timing": "now"},
    )

    second = handoff_of(answer)
    assert second.pk != first.pk
    assert second.owner is not None
    lead.refresh_from_db()
    assert (lead.contact.phone, lead.timing, lead.stage) == ("+4930901820", "now", "mql")
    story.does(second.owner, "accept", MONDAY_9AM + after(40), of=second.pk)
    assert stages_of(lead.pk) == ["mql", "engaged", "mql", "sal"]
    (row,) = story.figures(marketer, "sources", EVENING, since=NOVEMBER, by="source")
    assert (row["leads"], row["mql"], row["sal"], row["offered"]) == ("1", "1", "1", "1")
    assert "rejected" not in row


def test_repeat_inquiry_reinforces_an_open_lead_else_opens_one(
    story: Story, reps: list[User], marketer: User
) -> None:
    first = story.arrives(MONDAY_9AM)
    again = story.arrives(MONDAY_9AM + after(10), kind="pricing_visit")
    assert (again["lead"], again["is_new"]) == (first["lead"], False)
    assert Handoff.objects.filter(lead=first["lead"]).count() == 1
    handoff = handoff_of(first)
    assert handoff.owner is not None
    story.does(handoff.owner, "accept", MONDAY_9AM + after(12), of=handoff.pk)
    story.does(handoff.owner, "advance", MONDAY_9AM + after(13), of=handoff.pk, to="sql")
    story.does(
        handoff.owner,
        "advance",
        MONDAY_9AM + after(13),
        of=handoff.pk,
        to="lost",
        reason="competitor",
    )

    third = story.arrives(MONDAY_9AM + timedelta(days=30))

    assert third["is_new"]
    lead = Lead.objects.get(pk=third["lead"])
    assert (lead.predecessor_id, lead.contact_id) == (first["lead"], first["contact"])
    assert lead.stage == "mql"
    page = story.sees(marketer, f"/leads/{lead.pk}/", MONDAY_9AM + timedelta(days=30, hours=1))
    assert page.links(".other-leads a") == [f"/leads/{first['lead']}/"]
    assert Lead.objects.get(pk=first["lead"]).stage == "lost"
