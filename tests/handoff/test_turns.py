"""The turn in a pool is fair by weight, whoever is away and however the weights change."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.assignment.eligibility import Candidate
from handoff.assignment.engine import after_assignment
from handoff.assignment.round_robin import ONE_LEAD, rotate
from tests.examples import examples
from tests.handoff.routing_values import make_candidate

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


def deal(pool: list[Candidate], leads: int) -> tuple[list[int], list[Candidate]]:
    """Who gets each of `leads` leads while everybody is in, and the pool afterwards."""
    got = []
    for number in range(leads):
        turn = rotate(pool, seed=number)
        got.append(turn.user_id)
        pool = after_assignment(pool, turn, MONDAY_9AM + timedelta(minutes=number))
    return got, pool


def test_equal_weights_take_turns_one_after_the_other() -> None:
    got, pool = deal([make_candidate(number) for number in (1, 2, 3)], 9)

    assert got[:3] == got[3:6] == got[6:]
    assert sorted(got[:3]) == [1, 2, 3]
    assert [one.balance for one in pool] == [0, 0, 0]


def test_a_weight_of_two_gets_twice_as_many_and_not_in_a_row() -> None:
    got, _ = deal([make_candidate(1, weight=2), make_candidate(2), make_candidate(3)], 400)

    assert Counter(got) == {1: 200, 2: 100, 3: 100}
    assert all(got[place : place + 2] != [1, 1] for place in range(0, 400, 4))


def test_a_turn_debits_the_one_and_credits_the_others() -> None:
    pool = [make_candidate(1, balance=5), make_candidate(2), make_candidate(3)]

    turn = rotate(pool, seed=1)

    third = ONE_LEAD // 3
    assert (turn.user_id, turn.settled_by) == (1, "balance")
    assert turn.before == {1: 5, 2: 0, 3: 0}
    assert turn.after == {1: 5 - 2 * third, 2: third, 3: third}


def test_level_balances_go_to_the_longest_wait_and_never_comes_before_long_ago() -> None:
    early = make_candidate(1, last_turn_at=MONDAY_9AM - timedelta(days=9))
    late = make_candidate(2, last_turn_at=MONDAY_9AM)
    never = make_candidate(3)

    assert rotate([late, early], seed=1).user_id == 1
    assert rotate([late, early, never], seed=1).user_id == 3
    assert rotate([late, early], seed=1).settled_by == "wait"


def test_a_lot_is_the_same_for_the_same_seed_and_any_order_and_differs_between_seeds() -> None:
    pool = [make_candidate(number) for number in range(1, 6)]

    by_seed = {seed: rotate(pool, seed=seed) for seed in range(50)}

    assert all(turn.settled_by == "lot" for turn in by_seed.values())
    assert {turn.user_id for turn in by_seed.values()} == {1, 2, 3, 4, 5}
    for seed, turn in by_seed.items():
        assert rotate(pool[::-1], seed=seed) == turn


def test_the_draw_of_lots_never_changes_between_versions() -> None:
    """A stored decision must replay to the same person in ten years."""
    pool = [make_candidate(number) for number in range(1, 6)]

    assert [rotate(pool, seed=seed).user_id for seed in range(8)] == [3, 5, 5, 4, 1, 2, 2, 2]


def test_whoever_was_away_is_not_flooded_on_return() -> None:
    _, (ana, *others) = deal([make_candidate(number) for number in (1, 2, 3, 4)], 41)
    frozen = ana.balance

    _, others = deal(others, 300)
    got, _ = deal([ana, *others], 40)

    assert ana.balance == frozen
    assert Counter(got)[1] in (9, 10, 11)
    assert all(got[place : place + 3] != [1, 1, 1] for place in range(38))


def test_editing_a_weight_keeps_the_balance_and_counts_from_then_on() -> None:
    _, pool = deal([make_candidate(1), make_candidate(2), make_candidate(3)], 10)
    balances = [one.balance for one in pool]

    pool = [replace(pool[0], weight=2), *pool[1:]]
    got, _ = deal(pool, 400)

    assert [one.balance for one in pool] == balances
    assert all(abs(Counter(got)[one] - fair) <= 1 for one, fair in ((1, 200), (2, 100), (3, 100)))


@given(
    st.lists(
        st.builds(
            make_candidate,
            st.integers(1, 1000),
            weight=st.integers(1, 100),
            balance=st.integers(-5 * ONE_LEAD, 5 * ONE_LEAD),
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda one: one.user_id,
    ),
    st.integers(),
)
def test_the_sum_of_the_balances_never_changes(pool: list[Candidate], seed: int) -> None:
    turn = rotate(pool, seed=seed)

    assert sum(turn.after.values()) == sum(turn.before.values())
    credited = {one for one in turn.after if turn.after[one] > turn.before[one]}
    assert turn.user_id not in credited
    assert len(pool) == 1 or credited == turn.before.keys() - {turn.user_id}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("weights", [[1] * 6, [1, 2, 3, 4, 1, 1]])
def test_ten_thousand_leads_with_absences_stay_fair_within_one_lead(
    seed: int, weights: list[int]
) -> None:
    """N-07, against exact fractions: what each was given and what their weight was due."""
    pick = random.Random(seed)
    pool = {
        user: make_candidate(user, weight=weight) for user, weight in enumerate(weights, start=1)
    }
    given_to: Counter[int] = Counter()
    due = dict.fromkeys(pool, Fraction(0))
    for number in range(10_000):
        eligible = [one for one in pool.values() if pick.random() > 0.3] or [pool[1]]
        whole = sum(one.weight for one in eligible)
        for one in eligible:
            due[one.user_id] += Fraction(one.weight, whole)
        turn = rotate(eligible, seed=number)
        given_to[turn.user_id] += 1
        for one in after_assignment(eligible, turn, MONDAY_9AM + timedelta(minutes=number)):
            pool[one.user_id] = one

    assert max(abs(given_to[user] - due[user]) for user in pool) <= 1
    for user, one in pool.items():
        assert one.balance == (due[user] - given_to[user]) * ONE_LEAD


@examples(30, derandomize=True)
@given(st.lists(st.sets(st.integers(1, 5), min_size=1), min_size=50, max_size=200))
def test_odd_shifts_let_nobody_run_more_than_two_leads_ahead(shifts: list[set[int]]) -> None:
    pool = {user: make_candidate(user) for user in range(1, 6)}
    for number, present in enumerate(shifts):
        eligible = [pool[user] for user in sorted(present)]
        turn = rotate(eligible, seed=number)
        for one in after_assignment(eligible, turn, MONDAY_9AM + timedelta(minutes=number)):
            pool[one.user_id] = one

    assert max(abs(one.balance) for one in pool.values()) <= 2 * ONE_LEAD
