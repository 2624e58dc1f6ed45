"""The score is the sum of its ledger, and says what would make the lead ready for sales."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import scoring
from leads.criteria import parse
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from leads.scoring import Criterion, Group, Model, model_from_rows
from tests.core.criteria_strategies import facts, tree_data
from tests.examples import examples

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


def criterion(
    label: str, points: int, field: str, op: str, value: Any = None, half_life: int | None = None
) -> Criterion:
    tree = parse({"field": field, "op": op, "value": value})
    return Criterion(label, tree, points, half_life)


def make_model(**fields: Any) -> Model:
    """Make a model with the caps of QUA-09 and a few criteria each."""
    return Model(
        (
            Group(
                "title",
                "Title",
                30,
                (
                    criterion("Decides", 30, "contact.seniority", "one_of", ["c_level", "vp"]),
                    criterion("Directs", 20, "contact.seniority", "is", "director"),
                    criterion("Is a student", -20, "contact.seniority", "is", "student"),
                    criterion("Works in sales", 10, "contact.title", "contains", "sales"),
                ),
            ),
            Group(
                "company",
                "Company",
                25,
                (
                    criterion("Fits in size", 20, "company.employees", "between", [50, 500]),
                    criterion("Target account", 25, "company.is_target_account", "is", True),
                ),
            ),
            Group(
                "intent",
                "Intent",
                35,
                (
                    criterion("Asked for a demo", 35, "signal.demo_request", "at_least", 1, 30),
                    criterion("Looked at prices", 15, "signal.pricing_visit", "at_least", 2, 30),
                    criterion("Read something", 5, "signal.content_download", "at_least", 1),
                ),
            ),
            Group(
                "contact",
                "Contact",
                10,
                (
                    criterion("Corporate email", 6, "contact.has_corporate_email", "is", True),
                    criterion("Phone", 4, "contact.has_phone", "is", True),
                ),
            ),
        ),
        **fields,
    )


def score(
    known: dict[str, Any], *, days_ago: dict[str, int] | None = None, model: Model | None = None
) -> scoring.Score:
    dates = {kind: MONDAY_9AM - timedelta(days=days) for kind, days in (days_ago or {}).items()}
    return scoring.score(model or make_model(), known, dates, MONDAY_9AM)


def lines(ledger: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(line["label"], line["points"]) for line in ledger]


VP = {"contact.seniority": "vp", "contact.title": "VP Sales"}
PERFECT = {
    **VP,
    "company.employees": 200,
    "company.is_target_account": True,
    "signal.demo_request": 1,
    "contact.has_corporate_email": True,
    "contact.has_phone": True,
}


def test_points_are_summed_and_lines_show_their_values() -> None:
    result = score({**VP, "company.employees": 1200, "signal.content_download": 3})

    assert result.ledger == [
        {
            "group": "title",
            "label": "Decides",
            "points": 30,
            "detail": "Seniority: Vice president",
        },
        {
            "group": "title",
            "label": "Works in sales",
            "points": 10,
            "detail": "Title: “VP Sales”",
        },
        {"group": "title", "label": "Cap of 30", "points": -10, "detail": "40 points before"},
        {
            "group": "intent",
            "label": "Read something",
            "points": 5,
            "detail": "Number of content downloads: 3",
        },
    ]
    assert (result.total, result.intent) == (35, 14)


def test_lead_that_meets_every_criterion_scores_100() -> None:
    result = score(PERFECT)

    assert (result.total, result.intent) == (100, 100)
    assert result.to_become_ready == []


def test_missed_criteria_show_known_values_and_exclude_penalties() -> None:
    result = score({**VP, "company.employees": 1200})

    assert [(line["label"], line["detail"]) for line in result.missed] == [
        ("Directs", "Seniority: Vice president"),
        ("Fits in size", "Company size: 1,200 employees"),
        ("Target account", "Target account: unknown"),
        ("Asked for a demo", "Number of demo requests: 0"),
        ("Looked at prices", "Number of pricing page visits: 0"),
        ("Read something", "Number of content downloads: 0"),
        ("Corporate email", "Corporate email: unknown"),
        ("Phone", "Phone given: no"),
    ]


def test_penalty_counts_but_score_is_never_below_zero() -> None:
    student = score({"contact.seniority": "student", "contact.has_phone": True})
    better = score({**PERFECT, "contact.seniority": "student"})

    assert lines(student.ledger) == [
        ("Is a student", -20),
        ("Phone", 4),
        ("Minimum of zero", 16),
    ]
    assert student.total == 0
    assert better.total == 100 - 30 - 20 + 10


@pytest.mark.parametrize(
    ("days", "points", "detail"),
    [
        (0, 35, "Number of demo requests: 1"),
        (29, 35, "Number of demo requests: 1"),
        (30, 17, "Number of demo requests: 1; halved once with age"),
        (60, 8, "Number of demo requests: 1; halved 2 times with age"),
        (3650, 0, "Number of demo requests: 1; halved 30 times with age"),
        (-5, 35, "Number of demo requests: 1"),
    ],
)
def test_intent_halves_with_each_half_life_rounded_down(
    days: int, points: int, detail: str
) -> None:
    result = score({"signal.demo_request": 1}, days_ago={"demo_request": days})

    assert result.ledger == [
        {"group": "intent", "label": "Asked for a demo", "points": points, "detail": detail}
    ]
    assert (result.total, result.intent) == (points, 100 * points // 35)


def test_signal_without_a_date_keeps_its_points() -> None:
    assert score({"signal.demo_request": 1}, days_ago={"pricing_visit": 90}).total == 35


def test_ready_lead_needs_no_criteria_at_any_threshold() -> None:
    known = {**VP, "signal.demo_request": 1}

    assert score(known).total == 65
    assert score(known).to_become_ready != []
    assert score(known, model=make_model(mql_threshold=65)).to_become_ready == []


def test_fewest_open_criteria_make_a_lead_ready() -> None:
    known = {**VP, "company.employees": 20, "contact.has_corporate_email": True}

    result = score(known)

    # 36 points short of 75 by 39: a demo request, then the account, is fewer than any other way.
    assert result.total == 36
    assert lines(result.to_become_ready) == [("Asked for a demo", 35), ("Target account", 25)]
    assert result.total + sum(line["points"] for line in result.to_become_ready) >= 75


def test_halved_signal_can_be_earned_again() -> None:
    known = {**PERFECT, "company.is_target_account": False}

    result = score(known, days_ago={"demo_request": 90})

    assert result.total == 30 + 20 + 4 + 10
    assert lines(result.to_become_ready) == [("Asked for a demo, again", 31)]


def test_contradicted_criteria_are_suggested_only_as_a_last_resort() -> None:
    known = {
        "contact.seniority": "staff",
        "contact.title": "Clerk",
        "company.employees": 20,
        "company.is_target_account": False,
    }

    assert lines(score(known).to_become_ready) == [
        ("Asked for a demo", 35),
        ("Decides", 30),
        ("Target account", 25),
    ]


def test_only_one_criterion_per_attribute_is_suggested() -> None:
    model = make_model(mql_threshold=100)
    director = {**PERFECT, "contact.seniority": "director", "contact.title": "Engineer"}

    assert lines(score(director, model=model).to_become_ready) == [("Works in sales", 10)]
    unknown = {key: value for key, value in PERFECT.items() if key not in VP}
    assert lines(score(unknown, model=model).to_become_ready) == [("Decides", 30)]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 40),
            st.lists(
                st.tuples(tree_data(), st.integers(-20, 40), st.none() | st.integers(1, 90)),
                max_size=4,
            ),
        ),
        max_size=4,
    ),
    facts(),
    st.integers(0, 400),
)
@examples(150)
def test_total_is_always_the_sum_of_the_lines(
    groups: list[Any], facts: dict[str, Any], days: int
) -> None:
    model = Model(
        tuple(
            Group(
                f"group {place}" if place else "intent",
                "Group",
                cap,
                tuple(
                    Criterion("Criterion", parse(tree), points, half_life)
                    for tree, points, half_life in criteria
                ),
            )
            for place, (cap, criteria) in enumerate(groups)
        )
    )

    result = score(facts, days_ago={"demo_request": days, "form": days}, model=model)

    assert result.total == sum(line["points"] for line in result.ledger)
    assert 0 <= result.total <= sum(group.cap for group in model.groups)
    assert 0 <= result.intent <= 100
    stored = [result.ledger, result.missed, result.to_become_ready]
    assert json.loads(json.dumps(stored)) == stored
    if result.to_become_ready:
        assert all(line["points"] > 0 for line in result.to_become_ready)


KINDS = ["demo_request", "quote_request", "pricing_visit", "webinar_attended", "form", "site_visit"]


@given(
    st.lists(st.tuples(st.integers(1, 2), st.integers(1, 40)), min_size=6, max_size=6),
    st.tuples(st.integers(10, 60), st.integers(10, 60)),
    st.sets(st.sampled_from(KINDS)),
)
@examples(150)
def test_no_smaller_set_of_criteria_makes_a_lead_ready(
    criteria: list[tuple[int, int]], caps: tuple[int, int], happened: set[str]
) -> None:
    groups = {
        number: [
            criterion(kind, points, f"signal.{kind}", "at_least", 1)
            for kind, (group, points) in zip(KINDS, criteria, strict=True)
            if group == number
        ]
        for number in (1, 2)
    }
    model = Model(
        tuple(
            Group(str(number), "Group", caps[number - 1], tuple(of_group))
            for number, of_group in groups.items()
        )
    )

    def total(kinds: set[str]) -> int:
        return score({f"signal.{kind}": 1 for kind in kinds}, model=model).total

    suggested = [
        line["label"]
        for line in score({f"signal.{kind}": 1 for kind in happened}, model=model).to_become_ready
    ]

    enough = [
        len(extra)
        for size in range(len(KINDS) + 1)
        for extra in itertools.combinations(sorted(set(KINDS) - happened), size)
        if total(happened | set(extra)) >= 75
    ]
    if not enough or enough[0] == 0:
        assert suggested == []
    else:
        assert len(suggested) == enough[0]
        assert total(happened | set(suggested)) >= 75


@pytest.mark.django_db
def test_model_is_read_from_its_rows_in_order() -> None:
    row = ScoringModel.objects.create(name="Standard", version=99, mql_threshold=70)
    intent = ScoringGroup.objects.create(
        model=row, code="intent", label="Intent", cap=35, position=2
    )
    ScoringGroup.objects.create(model=row, code="title", label="Title", cap=30, position=1)
    for position, (label, field, points, half_life) in enumerate(
        [("Priced", "signal.pricing_visit", 15, None), ("Demo", "signal.demo_request", 35, 30)]
    ):
        ScoringCriterion.objects.create(
            group=intent,
            label=label,
            field=field,
            operator="at_least",
            value=1,
            points=points,
            half_life_days=half_life,
            position=-position + 5,
        )
    assert model_from_rows(row) == Model(
        (
            Group("title", "Title", 30, ()),
            Group(
                "intent",
                "Intent",
                35,
                (
                    criterion("Demo", 35, "signal.demo_request", "at_least", 1, 30),
                    criterion("Priced", 15, "signal.pricing_visit", "at_least", 1),
                ),
            ),
        ),
        mql_threshold=70,
    )
