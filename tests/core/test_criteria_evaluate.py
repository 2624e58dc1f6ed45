"""The predicate, the explanation and the words of one tree never disagree."""

import json
from typing import Any

import pytest
from hypothesis import given

from core.criteria.evaluate import compile_predicate
from core.criteria.explain import compile_explainer, explain, explained_conditions, in_words
from core.criteria.fields import with_choices
from core.criteria.operators import fold
from core.criteria.tree import AllOf, AnyOf, Condition, Not, Tree, conditions, to_json
from leads.criteria import parse
from leads.field_catalog import CATALOG
from tests.core.criteria_strategies import MONDAY, condition_data, facts, tree_data
from tests.examples import examples


def answer(data: dict[str, Any], **known: Any) -> bool | None:
    return compile_predicate(parse(data))({code.replace("__", "."): known[code] for code in known})


def naive(tree: Tree, facts: dict[str, Any]) -> bool | None:
    """Evaluate a tree by its definition, without any thought of speed."""
    if isinstance(tree, Not):
        inner = naive(tree.part, facts)
        return None if inner is None else not inner
    if isinstance(tree, AllOf):
        answers = [naive(part, facts) for part in tree.parts]
        return False if False in answers else None if None in answers else True
    if isinstance(tree, AnyOf):
        answers = [naive(part, facts) for part in tree.parts]
        return True if True in answers else None if None in answers else False
    return naive_condition(tree, facts)


def naive_condition(condition: Condition, facts: dict[str, Any]) -> bool | None:
    field, operator, value = condition.field, condition.operator.code, condition.value
    actual = facts.get(field.code)
    if actual in (None, ""):
        actual = field.when_absent
    if operator in ("is_known", "is_unknown"):
        return (actual is not None) == (operator == "is_known")
    if actual is None:
        return None
    if field.type == "text":
        actual = fold(actual)
        value = [fold(part) for part in value] if isinstance(value, tuple) else fold(value)
    outcomes: dict[str, bool]
    if operator in ("is", "is_not"):
        outcomes = {"is": actual == value, "is_not": actual != value}
    elif operator in ("one_of", "none_of"):
        outcomes = {"one_of": actual in value, "none_of": actual not in value}
    elif field.type == "text":
        outcomes = {
            "contains": value in actual,
            "does_not_contain": value not in actual,
            "starts_with": actual[: len(value)] == value,
        }
    elif operator == "between":
        outcomes = {"between": value[0] <= actual and actual <= value[1]}
    else:
        outcomes = {"at_least": actual >= value, "since": actual >= value}
        outcomes |= {"at_most": actual <= value, "before": actual < value}
    return outcomes[operator]


@pytest.mark.parametrize(
    ("data", "employees", "expected"),
    [
        ({"op": "at_least", "value": 500}, 500, True),
        ({"op": "at_least", "value": 500}, 499, False),
        ({"op": "at_most", "value": 500}, 500, True),
        ({"op": "between", "value": [50, 500]}, 50, True),
        ({"op": "between", "value": [50, 500]}, 501, False),
        ({"op": "is", "value": 0}, 0, True),
        ({"op": "is_not", "value": 5}, 5, False),
        ({"op": "at_least", "value": 500}, None, None),
        ({"op": "is_not", "value": 5}, None, None),
        ({"op": "is_known"}, None, False),
        ({"op": "is_unknown"}, None, True),
        ({"op": "is_known"}, 0, True),
    ],
)
def test_condition_on_unknown_fact_is_unknown_except_is_known(
    data: dict[str, Any], employees: int | None, expected: bool | None
) -> None:
    condition = {"field": "company.employees", **data}

    assert answer(condition, company__employees=employees) is expected


@pytest.mark.parametrize(
    ("op", "value", "title", "expected"),
    [
        ("is", "vp sales", "VP Sales", True),
        ("contains", "SALES", "VP Sales EMEA", True),
        ("does_not_contain", "intern", "Internal audit", False),
        ("starts_with", "vp", "Senior VP", False),
        ("one_of", ["CEO", "CTO"], "cto", True),
        ("none_of", ["CEO", "CTO"], "CFO", True),
        ("is", "ΣΊΣΥΦΟΣ", "σίσυφοσ", True),
        ("is", "vp", "", None),
        ("is_not", "vp", "", None),
        ("is_unknown", None, "", True),
    ],
)
def test_text_comparison_ignores_case_and_empty_is_unknown(
    op: str, value: Any, title: str, expected: bool | None
) -> None:
    condition = {"field": "contact.title", "op": op, "value": value}

    assert answer(condition, contact__title=title) is expected


def test_missing_signal_counts_as_zero() -> None:
    assert answer({"field": "signal.demo_request", "op": "at_least", "value": 1}) is False
    assert answer({"field": "signal.demo_request", "op": "at_most", "value": 0}) is True
    assert answer({"field": "signal.demo_request", "op": "is_known"}) is True


def test_presence_is_known_for_a_lead_without_company() -> None:
    assert answer({"field": "company.has_owner", "op": "is", "value": True}) is False
    assert answer({"field": "company.is_customer", "op": "is", "value": True}) is None


def test_unknown_condition_is_unknown_unless_another_decides() -> None:
    unknown = {"field": "company.employees", "op": "at_least", "value": 1}
    true = {"field": "lead.score", "op": "is", "value": 80}
    false = {"field": "lead.score", "op": "is", "value": 10}

    assert answer({"all": [unknown, true]}, lead__score=80) is None
    assert answer({"all": [unknown, false]}, lead__score=80) is False
    assert answer({"any": [unknown, true]}, lead__score=80) is True
    assert answer({"any": [unknown, false]}, lead__score=80) is None
    assert answer({"not": unknown}) is None
    assert answer({"all": []}) is True


@given(tree_data(), facts())
@examples(300)
def test_predicate_and_explanation_agree_with_naive_evaluation(
    data: dict[str, Any], facts: dict[str, Any]
) -> None:
    tree = parse(data)
    expected = naive(tree, facts)

    explanation = compile_explainer(tree)(facts)

    assert compile_predicate(tree)(facts) is expected
    assert explanation["passed"] is expected
    seen = list(explained_conditions(explanation))
    assert [part["field"] for part in seen] == [part.field.code for part in conditions(tree)]
    for part, condition in zip(seen, conditions(tree), strict=True):
        assert part["passed"] is naive_condition(condition, facts)
        if condition.field.type != "moment":
            known = facts.get(condition.field.code)
            assert part["actual"] == (condition.field.when_absent if known is None else known)


@given(tree_data(), tree_data(), facts())
@examples(200)
def test_de_morgan_holds_with_unknown_facts(
    first: dict[str, Any], second: dict[str, Any], facts: dict[str, Any]
) -> None:
    neither = compile_predicate(parse({"not": {"any": [first, second]}}))
    both_not = compile_predicate(parse({"all": [{"not": first}, {"not": second}]}))

    assert neither(facts) is both_not(facts)


@given(tree_data(), facts())
@examples(100)
def test_explanation_and_tree_round_trip_through_json(
    data: dict[str, Any], facts: dict[str, Any]
) -> None:
    tree = parse(data)
    explanation = explain(tree, facts)

    assert json.loads(json.dumps(explanation)) == explanation
    again = parse(json.loads(json.dumps(to_json(tree))))
    assert again == tree
    assert hash(again) == hash(tree)


@given(condition_data())
@examples(100)
def test_every_condition_has_a_text(data: dict[str, Any]) -> None:
    condition = parse(data)

    assert isinstance(condition, Condition)
    words = in_words(condition)
    is_phrase = words in (condition.field.phrases or ())
    assert is_phrase or words.startswith(f"{condition.field.label} {condition.operator.label}")


def test_explanation_shows_conditions_with_actual_values() -> None:
    tree = parse(
        {
            "all": [
                {"field": "company.employees", "op": "at_least", "value": 500},
                {"not": {"field": "contact.seniority", "op": "one_of", "value": ["intern"]}},
                {"field": "lead.opened_at", "op": "since", "value": "2026-03-01T00:00:00+00:00"},
            ]
        }
    )

    assert explain(tree, {"company.employees": 250, "lead.opened_at": MONDAY}) == {
        "all": [
            {
                "field": "company.employees",
                "words": "Company size is at least 500 employees",
                "actual": 250,
                "passed": False,
            },
            {
                "not": {
                    "field": "contact.seniority",
                    "words": "Seniority is one of Intern",
                    "actual": None,
                    "passed": None,
                },
                "passed": None,
            },
            {
                "field": "lead.opened_at",
                "words": "Opened is at or after Mar 1, 2026, 12:00 AM UTC",
                "actual": "2026-03-02T09:00:00+00:00",
                "passed": True,
            },
        ],
        "passed": False,
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"all": []}, "every lead"),
        ({"field": "company.has_owner", "op": "is", "value": True}, "Account owner is set"),
        ({"field": "company.has_owner", "op": "is", "value": False}, "Account owner is not set"),
        (
            {"field": "company.country", "op": "one_of", "value": ["DE", "BR"]},
            "Country of the company is one of Germany, Brazil",
        ),
        (
            {"field": "company.employees", "op": "between", "value": [50, 5000]},
            "Company size is between 50 and 5,000 employees",
        ),
        (
            {
                "all": [
                    {"field": "company.is_customer", "op": "is", "value": True},
                    {
                        "any": [
                            {"field": "contact.title", "op": "contains", "value": "chief"},
                            {"not": {"field": "lead.timing", "op": "is_known"}},
                        ]
                    },
                ]
            },
            "Company is a customer and (Title contains “chief” or not (Timing is known))",
        ),
    ],
)
def test_tree_has_a_text(data: dict[str, Any], words: str) -> None:
    assert in_words(parse(data)) == words


def test_database_choice_is_shown_by_its_label() -> None:
    catalog = with_choices(CATALOG, sources=[("google", "Google Ads")])

    tree = parse({"field": "lead.source", "op": "is", "value": "google"}, catalog)

    assert in_words(tree) == "Source is Google Ads"
