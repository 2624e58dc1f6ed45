"""Open handoffs are counted where a pool has capacities, and no further than these."""

import pytest
from django.db import connection

from handoff.assignment.pools import OPEN_HANDOFFS, open_handoffs
from handoff.models import Handoff
from handoff.pipeline import receive
from people.models import Membership, User
from tests.factories import make_handoff, make_pool, make_rep, make_touch
from tests.people.factories import MONDAY_9AM, make_team
from tests.plans import pretend_large, scans_of
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


def test_open_handoffs_are_counted_up_to_the_limit(rep: User) -> None:
    other = make_rep()

    assert open_handoffs({rep.pk: None, other.pk: None}) == {rep.pk: 3, other.pk: 0}
    assert open_handoffs({rep.pk: 4, other.pk: 1}) == {rep.pk: 3, other.pk: 0}
    assert open_handoffs({rep.pk: 2, other.pk: 0}) == {rep.pk: 2, other.pk: 0}
    assert open_handoffs({}) == {}


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


def test_no_more_is_read_than_the_open_handoffs_within_the_limits(rep: User) -> None:
    pretend_large("handoff_handoff")
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {OPEN_HANDOFFS}", [[rep.pk, make_rep().pk], [2, 2]]
        )
        ((plan,),) = cursor.fetchall()

    (scan,) = scans_of("handoff_handoff", plan)
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Only Scan", "handoff_open_by_owner")
    assert scan["Actual Rows"] * scan["Actual Loops"] == 2
    assert "owner_id" in scan["Index Cond"]
