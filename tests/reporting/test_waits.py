"""Medians are exact up to 2,000 contacts behind a figure, and within 3% above."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

import pytest

from reporting.models import HandoffMilestones
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.rollup_queries import total
from reporting.queries.scope import Period, Scope
from reporting.registry.counters import PACE_COUNTERS, Basis
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS
from reporting.registry.waits import (
    COUNTS_LENGTH,
    MAX_EXACT,
    STEPS,
    Waits,
    WaitsUnknown,
    of_seconds,
    row_waits,
    with_steps,
)
from reporting.registry.waits import packed as packed_integers
from reporting.rollups.build import HANDOFF_ROLLUP
from reporting.rollups.refresh import follow_log
from tests.reporting.history import DAY, MONDAY, attempt, make_lead, make_person, offer

MARCH = Scope(Period(date(2026, 3, 1), date(2026, 3, 31)))
RELATIVE_ERROR = 0.03


def contacted_after(*minutes: float) -> None:
    for number, after in enumerate(minutes):
        handoff = offer(make_lead(), MONDAY + number * DAY)
        attempt(handoff, handoff.offered_at + timedelta(minutes=after))
    follow_log(at=MONDAY + 60 * DAY)


def median_shown() -> float | None:
    answers = run_report(REPORTS["speed"], MARCH).answers
    counts = total(answers.tables[0], basis=Basis.HANDOFFS)
    return figure(METRICS["time_to_first_action"], counts).median


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((30,), 30),
        ((360,), 360),
        ((2830,), 2830),
        ((0,), 0),
        ((20, 30), 25),
        ((5, 30, 2830), 30),
        ((0.5, 1.5, 2, 3), 1.75),
    ],
)
def test_median_of_a_few_contacts_is_exact(minutes: tuple[float, ...], expected: float) -> None:
    contacted_after(*minutes)

    assert median_shown() == expected


@pytest.mark.django_db
def test_median_without_contacts_is_unknown() -> None:
    offer(make_lead(), MONDAY)
    follow_log(at=MONDAY + 60 * DAY)

    assert median_shown() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "number", [MAX_EXACT, MAX_EXACT + 1, 3 * MAX_EXACT, 3 * COUNTS_LENGTH, 9 * MAX_EXACT]
)
def test_median_of_many_contacts(number: int) -> None:
    seconds = count_contacts(number)

    expected = median(seconds) / 60

    error = 0 if number <= MAX_EXACT else RELATIVE_ERROR
    assert median_shown() == pytest.approx(expected, rel=error, abs=0)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [COUNTS_LENGTH - 1, COUNTS_LENGTH, MAX_EXACT + 1])
def test_row_is_packed_by_postgresql_as_by_python(number: int) -> None:
    seconds = count_contacts(number, days=1)

    (row,) = HANDOFF_ROLLUP.rows().filter(grain=HANDOFF_ROLLUP.mask(()))

    assert row_waits(row.waits, row.wait_steps) == packed(*seconds)


def count_contacts(number: int, *, days: int = 3) -> list[int]:
    """Count so many contacts and return their waits."""
    follow_log(at=MONDAY)
    rng = random.Random(number)
    seconds = [round(rng.lognormvariate(8.5, 1.8)) for _ in range(number)]
    HandoffMilestones.objects.bulk_create(
        HandoffMilestones(
            handoff_id=place,
            lead_id=place,
            day=MONDAY.date() + timedelta(place % days),
            temperature=rng.choice(["hot", "cold"]),
            offered_at=MONDAY,
            first_contact_at=MONDAY + timedelta(seconds=wait),
            wait=wait,
        )
        for place, wait in enumerate(seconds, start=1)
    )
    HANDOFF_ROLLUP.replace()
    return seconds


@pytest.mark.parametrize("number", [1, 500, MAX_EXACT])
def test_exact_and_stepped_waits_are_merged(number: int) -> None:
    rng = random.Random(number)
    few = [rng.randrange(60, 9_000) for _ in range(number)]
    many = [rng.randrange(60, 90_000) for _ in range(5_000)]

    merged = of_seconds(few) + with_steps(b"", stepped(many))

    assert merged.median_minutes == pytest.approx(median(few + many) / 60, rel=RELATIVE_ERROR)


def stepped(seconds: list[int]) -> Counter[int]:
    return Counter(sum(wait >= start for start in STEPS) for wait in seconds)


def test_steps_are_at_most_six_percent_wide() -> None:
    pairs = list(zip(STEPS, STEPS[1:], strict=False))

    assert len(STEPS) == 255
    assert all(low < high for low, high in pairs)
    assert all(high / low < 1.07 for low, high in pairs)


@pytest.mark.django_db
def test_every_contact_has_one_pace() -> None:
    contacted_after(0, 14.9, 15, 60, 240, 1439, 1440, 9999)

    answers = run_report(REPORTS["speed"], MARCH).answers
    counts = total(answers.tables[0], basis=Basis.HANDOFFS)

    assert [counts[code] for code in PACE_COUNTERS] == [2, 1, 1, 2, 2]


@pytest.mark.django_db
def test_one_fast_contact_does_not_rank_first() -> None:
    fast, busy = make_person("Fast Finn"), make_person("Busy Bo")
    for number, (rep, minutes) in enumerate([(fast, 1), (busy, 50), (busy, 60)]):
        handoff = offer(make_lead(), MONDAY + number * DAY, user=rep)
        attempt(handoff, handoff.offered_at + timedelta(minutes=minutes))
    follow_log(at=MONDAY + 60 * DAY)

    rows = run_report(REPORTS["speed"], MARCH, "user").rows

    assert [(row["user"], row["median_minutes"]) for row in rows] == [
        ("Busy Bo", 55),
        ("Fast Finn", 1),
    ]


def packed(*waits: int) -> Waits:
    """Return waits as PostgreSQL packs them."""
    exact = packed_integers(sorted(waits)) if len(waits) <= MAX_EXACT else b""
    steps = Counter(bisect_right(STEPS, wait) for wait in waits)
    if len(waits) < COUNTS_LENGTH:
        return Waits(exact, bytes(sorted(steps.elements())))
    return Waits(exact, counts=b"".join(steps[step].to_bytes(4, "big") for step in range(256)))


@pytest.mark.parametrize(
    ("before", "gone", "new"),
    [
        ([], [], [40]),
        ([40], [40], []),
        ([40, 40, 900], [40], [2, 5_000_000]),
        (range(COUNTS_LENGTH - 1), [], [7]),
        (range(COUNTS_LENGTH), [7], []),
        (range(MAX_EXACT), [], [7]),
        (range(MAX_EXACT + 2), [5], []),
    ],
)
def test_changed_waits_are_as_if_packed_anew(
    before: Sequence[int], gone: Sequence[int], new: Sequence[int]
) -> None:
    difference = Counter(new)
    difference.subtract(gone)

    changed = packed(*before).changed_by(difference)

    assert changed == packed(*(Counter(before) + Counter(new) - Counter(gone)).elements())


@pytest.mark.parametrize(
    ("waits", "gone"), [([40], [4_000]), ([40], [41]), (range(MAX_EXACT + 1), [5])]
)
def test_waits_that_are_not_stored_are_not_guessed(
    waits: Sequence[int], gone: Sequence[int]
) -> None:
    difference: Counter[int] = Counter()
    difference.subtract(gone)

    with pytest.raises(WaitsUnknown):
        packed(*waits).changed_by(difference)
