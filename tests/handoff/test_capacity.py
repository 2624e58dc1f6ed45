"""The workload is read where a pool has capacities."""

import pytest

from handoff.models import Handoff
from handoff.pipeline import receive
from handoff.workload import open_handoffs
from people.models import Membership, User
from tests.factories import make_handoff, make_pool, make_rep, make_touch
from tests.people.factories import MONDAY_9AM, make_team
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    """Return a rep with three open handoffs and a closed one."""
    rep = make_rep()
    make_pool(rep)
    closed, *_ = [make_handoff() for _ in range(4)]
    Handoff.objects.filter(pk=closed.pk).update(state="withdrawn", closed_at=MONDAY_9AM)
    return rep


def test_open_handoffs_of_each_user_are_read(rep: User) -> None:
    other = make_rep()

    assert open_handoffs([rep.pk, other.pk]) == {rep.pk: 3}
    assert open_handoffs([rep.pk, other.pk])[other.pk] == 0
    assert open_handoffs([]) == {}


@pytest.mark.parametrize(("capacity", "is_free"), [(3, False), (4, True)])
def test_capacity_of_another_pool_does_not_count(
    rep: User, capacity: int, *, is_free: bool
) -> None:
    make_team(rep)
    Membership.objects.filter(user=rep).update(capacity=2)
    team = Membership.objects.filter(user=rep).earliest("pk").team
    Membership.objects.filter(user=rep, team=team).update(capacity=capacity)

    receipt = receive(make_touch(), at=MONDAY_9AM, via="test")

    assert receipt.owner_id == (rep.pk if is_free else None)


def test_touch_into_a_pool_with_capacities_costs_one_more_statement(rep: User) -> None:
    Membership.objects.update(capacity=10)

    with exactly_statements(4):
        receive(make_touch(), at=MONDAY_9AM, via="test")


def test_no_handoff_is_counted_for_the_capacities(rep: User) -> None:
    Membership.objects.update(capacity=10)
    pretend_large("handoff_handoff", "handoff_workloadchange")

    plans = plans_of(lambda: receive(make_touch(), at=MONDAY_9AM, via="test"))

    assert not [plan for plan in plans if "handoff_open_by_owner" in plan]
    assert len([plan for plan in plans if "workload_change_by_user" in plan]) == 1
    assert not [plan for plan in plans if "Seq Scan on handoff_handoff" in plan]
