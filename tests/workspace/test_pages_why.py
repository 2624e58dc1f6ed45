"""Why a lead is with whom it is: the decision, the pool, and the rules behind it."""

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
from tests.pages import htmx, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

NOTICED = MONDAY_9AM + timedelta(minutes=31)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom Berger")


@pytest.fixture
def handoff(manager: User) -> Handoff:
    """Of a pool of two; the next one in it is asked when it lapses."""
    mia, jon = make_rep("Mia Hoffmann"), make_rep("Jon Bell")
    make_pool(mia, jon, manager=manager, name="South")
    return make_handoff()


def page_of(user: User, lead_id: int, **more: Any) -> str:
    with time_machine.travel(NOTICED, tick=False):
        return signed_in_as(user).get(f"/leads/{lead_id}/", **more).content.decode()


def after(handoff: Handoff) -> tuple[User, Handoff, User]:
    """Who was late, the handoff that followed, and who has it now."""
    sweep(at=NOTICED)
    following = Handoff.objects.get(previous=handoff)
    assert handoff.owner is not None
    assert following.owner is not None
    return handoff.owner, following, following.owner


def test_next_owner_of_a_late_lead_sees_why(handoff: Handoff) -> None:
    slow, _, quick = after(handoff)

    part = page_of(quick, handoff.lead_id, **htmx("work"))

    assert "Assigned to you" in part
    assert (
        f"<p>Reassigned because {slow} missed the response SLA. "
        f"Round robin selected {quick}: 1 of 2 in the pool was available.</p>"
    ) in part


def test_lead_page_lists_pool_members_and_evaluated_rules(
    handoff: Handoff,
) -> None:
    slow, _, quick = after(handoff)

    page = page_of(make_person(Role.MARKETER), handoff.lead_id)

    assert f"Assigned to {quick}" in page
    decision, rules = page.split("Members of South")[1].split("All rules evaluated")
    assert f"<dt>{slow}</dt>\n    <dd>had it before</dd>" in decision
    assert f"<dt>{quick}</dt>\n    <dd>Available</dd>" in decision
    assert "by the rule “Pool South”, which matches all leads." in rules
    assert f"Routed to {quick}" in page


def test_decision_by_rules_names_the_rule_set(handoff: Handoff) -> None:
    page = page_of(make_person(Role.MARKETER), handoff.lead_id)

    assert "by rule set 2</span>" in page
    assert "Members of South" not in page
    assert "All rules evaluated</summary>" in page


def test_manual_reassignment_is_shown_before_the_decision(handoff: Handoff, manager: User) -> None:
    slow, following, quick = after(handoff)
    lea = make_rep("Lea Roth")
    assert following.team is not None
    following.team.members.add(lea)

    reassign(handoff_id=following.pk, to=lea, by=manager, at=NOTICED)

    assert (
        f"<p>Reassigned by a manager from {quick}. "
        f"Reassigned because {slow} missed the response SLA. "
        f"Round robin selected {quick}: 1 of 2 in the pool was available.</p>"
    ) in page_of(lea, handoff.lead_id, **htmx("work"))
