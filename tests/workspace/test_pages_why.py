"""The lead page explains its owner: the decision, the pool, and the evaluated rules."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from handoff.escalation.sweep import sweep
from handoff.models import Handoff
from handoff.reassignment import reassign
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.pages import Page, card, htmx, page_at
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

NOTICED = MONDAY_9AM + timedelta(minutes=31)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom Berger")


@pytest.fixture
def handoff(manager: User) -> Handoff:
    """Make a handoff to a pool of two, whose other member gets it when it expires."""
    mia, jon = make_rep("Mia Hoffmann"), make_rep("Jon Bell")
    make_pool(mia, jon, manager=manager, name="South")
    return make_handoff()


def page_of(user: User, lead_id: int, **request: Any) -> Page:
    with time_machine.travel(NOTICED, tick=False):
        return page_at(f"/leads/{lead_id}/", user, **request)


def after(handoff: Handoff) -> tuple[User, Handoff, User]:
    """Return the late owner, the handoff that followed, and its owner."""
    sweep(at=NOTICED)
    following = Handoff.objects.get(previous=handoff)
    assert handoff.owner is not None
    assert following.owner is not None
    return handoff.owner, following, following.owner


def test_next_owner_of_a_late_lead_sees_why(handoff: Handoff) -> None:
    slow, _, quick = after(handoff)

    pane = page_of(quick, handoff.lead_id, **htmx("work"))

    assert pane.text(card("Assigned to you") + " > p") == (
        f"Reassigned because {slow} missed the response SLA. "
        f"Round robin selected {quick}: 1 of 2 in the pool was available."
    )


def test_lead_page_lists_pool_members_and_evaluated_rules(
    handoff: Handoff,
) -> None:
    slow, _, quick = after(handoff)

    page = page_of(make_person(Role.MARKETER), handoff.lead_id)

    decision = card("Assigned to")
    assert page.texts(f"{decision} > .explained > summary") == [
        "Members of South",
        "All rules evaluated",
    ]
    assert page.facts(f"{decision} > .explained > .facts") == {
        str(slow): "had it before",
        str(quick): "Available",
    }
    assert page.text(f"{decision} > .explained > p").startswith(
        f"Assigned to {slow} by the rule “Pool South”, which matches all leads."
    )
    because = page.text(f"{decision} > p")
    assert f"Routed to {quick} {because}" in page.texts(".timeline-what")


def test_decision_by_rules_names_the_rule_set(handoff: Handoff) -> None:
    page = page_of(make_person(Role.MARKETER), handoff.lead_id)

    decision = card("Assigned to")
    assert page.text(f"{decision} .card-head span").endswith("by rule set 2")
    assert page.texts(f"{decision} > .explained > summary") == ["All rules evaluated"]


def test_manual_reassignment_is_shown_before_the_decision(handoff: Handoff, manager: User) -> None:
    slow, following, quick = after(handoff)
    lea = make_rep("Lea Roth")
    assert following.team is not None
    following.team.members.add(lea)

    reassign(handoff_id=following.pk, to=lea, by=manager, at=NOTICED)

    pane = page_of(lea, handoff.lead_id, **htmx("work"))
    assert pane.text(card("Assigned to you") + " > p") == (
        f"Reassigned by a manager from {quick}. "
        f"Reassigned because {slow} missed the response SLA. "
        f"Round robin selected {quick}: 1 of 2 in the pool was available."
    )
