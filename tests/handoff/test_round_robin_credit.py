"""Reasons such as a duplicate give the position back; balances always add up to zero."""

from datetime import datetime, timedelta

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.assignment.credit import credits
from handoff.assignment.round_robin import ONE_LEAD
from handoff.escalation.sweep import sweep
from handoff.models import Handoff, RejectionReason
from handoff.reassignment import reassign
from people.invariants import CHECKS
from people.models import Team, User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
HALF = ONE_LEAD // 2


@pytest.fixture
def pool() -> Team:
    return make_pool(make_rep("Ann"), make_rep("Bea"))


def balances(team: Team) -> dict[int, int]:
    return dict(team.memberships.values_list("user_id", "balance"))


def offered(*, at: datetime = MONDAY_9AM) -> tuple[Handoff, User]:
    handoff = make_handoff(at=at)
    assert handoff.owner is not None
    return handoff, handoff.owner


def rejected(handoff: Handoff, by: User, reason: str = "duplicate") -> None:
    reject_handoff(handoff_id=handoff.pk, reason_code=reason, by=by, at=LATER)


def violations() -> list[str]:
    return [row.subject for check in CHECKS.values() for row in check(LATER)]


@pytest.mark.parametrize("reason", ["duplicate", "bad_data"])
def test_rejection_as_no_lead_gives_the_position_back(reason: str, pool: Team) -> None:
    """R6: before, the balance stayed and the other rep was next."""
    _, first = offered()
    handoff, second = offered()
    assert second != first

    rejected(handoff, second, reason)

    assert balances(pool) == {first.pk: -HALF, second.pk: HALF}
    assert offered(at=LATER)[1] == second


def test_credited_rep_is_next_among_equal_balances(pool: Team) -> None:
    handoff, first = offered()

    rejected(handoff, first)

    assert set(balances(pool).values()) == {0}
    for _ in range(2):
        got, owner = offered(at=LATER)
        rejected(got, owner)
    assert violations() == []


def test_rejection_of_a_lead_keeps_the_position(pool: Team) -> None:
    _, first = offered()
    handoff, second = offered()

    rejected(handoff, second, "bad_timing")

    assert set(balances(pool).values()) == {0}
    assert offered(at=LATER)[1] in (first, second)


def test_operations_turn_the_credit_off(pool: Team) -> None:
    RejectionReason.objects.filter(code="duplicate").update(credits_round_robin=False)
    handoff, first = offered()

    rejected(handoff, first)

    assert balances(pool)[first.pk] == -HALF


def test_later_leads_keep_their_effect(pool: Team) -> None:
    handoff, first = offered()
    _, second = offered()
    offered()
    before = balances(pool)

    rejected(handoff, first)

    assert balances(pool) == {
        first.pk: before[first.pk] + HALF,
        second.pk: before[second.pk] - HALF,
    }


def test_credit_follows_a_late_lead_to_its_new_owner() -> None:
    team = make_pool(make_rep(), make_rep(), make_rep())
    handoff, first = offered()
    sweep(at=MONDAY_9AM + timedelta(days=1))
    moved = Handoff.objects.open().get(lead=handoff.lead_id)
    assert moved.owner not in (first, None)
    assert moved.owner is not None
    before = balances(team)

    rejected(moved, moved.owner)

    assert balances(team)[moved.owner.pk] > before[moved.owner.pk]
    assert violations() == []


def test_credit_goes_to_the_rep_whom_the_round_robin_chose() -> None:
    manager = make_person(Role.SALES_MANAGER)
    pool = make_pool(make_rep("Ann"), make_rep("Bea"), manager=manager)
    handoff, first = offered()
    other = pool.members.exclude(pk=first.pk).get()
    moved = reassign(handoff_id=handoff.pk, to=other, by=manager, at=LATER)

    rejected(Handoff.objects.get(pk=moved), other)

    assert balances(pool) == {first.pk: 0, other.pk: 0}


def test_accepted_lead_found_to_be_a_duplicate_is_credited(pool: Team) -> None:
    handoff, first = offered()
    accept_handoff(handoff_id=handoff.pk, by=first, at=LATER)

    rejected(handoff, first)

    assert set(balances(pool).values()) == {0}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({1, 2, 3}, {1: -2, 2: -2, 3: 4}),
        ({1, 3}, {1: -2, 3: 2}),  # one has left since
        ({1, 2}, {}),
        (set(), {}),
    ],
)
def test_credits_add_up_to_zero(members: set[int], expected: dict[int, int]) -> None:
    assert credits({1: 2, 2: 2, 3: -4}, 3, members) == expected
