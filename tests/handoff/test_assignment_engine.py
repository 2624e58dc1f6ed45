"""Routing, escalation and manual reassignment pick people through one function."""

from datetime import timedelta
from typing import Any

import pytest

from handoff.assignment import engine as assignment
from handoff.escalation.sweep import sweep
from handoff.models import Handoff
from handoff.reassignment import reassign
from people.models import Team
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

AFTER_DUE = MONDAY_9AM + timedelta(minutes=31)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[assignment.Selection]:
    """Record the selections made from here on."""
    made: list[assignment.Selection] = []
    real = assignment.select

    def spy(*args: Any, **kwargs: Any) -> assignment.Selection:
        made.append(real(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(assignment, "select", spy)
    return made


@pytest.fixture
def team() -> Team:
    manager = make_person(Role.SALES_MANAGER)
    return make_pool(make_rep("Mia"), make_rep("Jon"), make_rep("Lea"), manager=manager)


def test_routing_escalation_and_reassignment_select_through_one_function(
    calls: list[assignment.Selection], team: Team
) -> None:
    routed = make_handoff()
    assert chosen_ids(calls) == [routed.owner_id]

    sweep(at=AFTER_DUE)
    escalated = Handoff.objects.get(previous=routed)
    assert chosen_ids(calls) == [routed.owner_id, escalated.owner_id]

    assert team.manager is not None
    third = team.members.exclude(pk__in=[routed.owner_id, escalated.owner_id]).get()
    reassign(handoff_id=escalated.pk, to=third, by=team.manager, at=AFTER_DUE)
    assert chosen_ids(calls) == [routed.owner_id, escalated.owner_id, third.pk]


def chosen_ids(calls: list[assignment.Selection]) -> list[int | None]:
    return [selection.chosen.user_id if selection.chosen else None for selection in calls]
