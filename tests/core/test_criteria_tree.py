from typing import Any

import pytest

from core.criteria.fields import FieldType, with_choices
from core.criteria.operators import OPERATORS, operators_for
from core.criteria.tree import EVERY_LEAD, AllOf, AnyOf, BadCriteria, Condition, Not
from core.errors import Refused
from leads.criteria import make_condition, parse
from leads.field_catalog import ALL, CATALOG

ENTERPRISE = {"field": "company.employees", "op": "at_least", "value": 500}


def condition(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def test_tree_values_are_comparable_and_hashable() -> None:
    tree = parse({"all": [ENTERPRISE, {"not": {"any": [ENTERPRISE]}}]})

    employees = Condition(CATALOG["company.employees"], OPERATORS["at_least"], 500)
    assert tree == AllOf((employees, Not(AnyOf((employees,)))))
    assert len({tree, parse({"all": [ENTERPRISE, {"not": {"any": [ENTERPRISE]}}]})}) == 1
    assert parse({"all": []}) == EVERY_LEAD
    assert make_condition("company.employees", "at_least", 500) == employees


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "Criteria are an object, not “None”."),
        (["all"], "Criteria are an object, not “['all']”."),
        (
            {},
            "Criteria need exactly one of “all”, “any”, “not”, or a “field” with its “op”.",
        ),
        (
            {"all": [], "any": [ENTERPRISE]},
            "Criteria need exactly one of “all”, “any”, “not”, or a “field” with its “op”.",
        ),
        ({"all": ENTERPRISE}, "“all” takes a list of criteria."),
        ({"any": []}, "“any” needs at least one condition."),
        (condition("company.staff", "is", 1), "There is no field “company.staff”."),
        (condition(["x"], "is", 1), "There is no field “['x']”."),  # type: ignore[arg-type]
        (
            condition("company.employees", "contains", "5"),
            "Company size: “contains” does not fit; use one of "
            "is, is_not, at_least, at_most, between, is_known, is_unknown.",
        ),
        (
            {"field": "company.is_customer", "value": True},
            "Customer: an operator is missing; use one of is, is_known, is_unknown.",
        ),
        ({**ENTERPRISE, "valeu": 7}, "Company size: a condition has no “valeu”."),
        (condition("company.employees", "at_least"), "Company size: a value is missing."),
        (
            condition("company.employees", "at_least", "many"),
            "Company size: a whole number is needed, not “many”.",
        ),
        (
            condition("company.employees", "at_least", True),
            "Company size: a whole number is needed, not “True”.",
        ),
        (
            condition("company.employees", "at_least", 0.5),
            "Company size: a whole number is needed, not “0.5”.",
        ),
        (
            condition("company.employees", "at_least", 3_000_000_000),
            "Company size: “3000000000” is too large; the limit is 2,147,483,647.",
        ),
        (
            condition("company.employees", "between", [5]),
            "Company size: two values are needed, the lower and the upper, not “[5]”.",
        ),
        (
            condition("company.employees", "between", [500, 50]),
            "Company size: the lower value must come first.",
        ),
        (
            condition("contact.seniority", "is", "boss"),
            "Seniority: “boss” is not one of its choices.",
        ),
        (
            condition("company.country", "one_of", ["DE", "UK"]),
            "Country of the company: “UK” is not one of its choices.",
        ),
        (
            condition("company.country", "one_of", "DE"),
            "Country of the company: a list of values is needed, not “DE”.",
        ),
        (
            condition("company.is_customer", "is", "yes"),
            "Customer: true or false is needed, not “yes”.",
        ),
        (condition("contact.title", "contains", "  "), "Title: a text is needed, not “  ”."),
        (
            condition("contact.title", "contains", "a\x00b"),
            "Title: control characters are not allowed.",
        ),
        (
            condition("contact.title", "contains", "\ud800"),
            "Title: control characters are not allowed.",
        ),
        (
            condition("contact.title", "contains", "x" * 201),
            "Title: at most 200 characters are allowed.",
        ),
        (
            condition("contact.title", "one_of", ["x"] * 201),
            "Title: at most 200 values are allowed.",
        ),
        (
            condition("contact.title", "is_known", "x"),
            "Title: this operator takes no value, not “x”.",
        ),
        (
            condition("lead.opened_at", "since", "yesterday"),
            "Opened: “yesterday” is not a date and time.",
        ),
        (
            condition("lead.opened_at", "since", "2026-03-02T09:00:00"),
            "Opened: “2026-03-02T09:00:00” needs its zone, as in 2026-03-02T09:00:00+00:00.",
        ),
    ],
)
def test_invalid_tree_is_refused_with_a_message(data: object, problem: str) -> None:
    with pytest.raises(BadCriteria) as refusal:
        parse(data)

    assert str(refusal.value) == problem
    assert isinstance(refusal.value, Refused)


def test_refusal_names_position_and_field() -> None:
    with pytest.raises(BadCriteria) as refusal:
        parse({"all": [ENTERPRISE, {"any": [condition("contact.title", "at_least", 5)]}]})

    assert refusal.value.field == "contact.title"
    assert refusal.value.where == "all.1.any.0"


def test_deep_nesting_is_refused() -> None:
    data: dict[str, Any] = ENTERPRISE
    for _ in range(10):
        data = {"not": data}

    with pytest.raises(BadCriteria, match="nested more than 10 deep"):
        parse(data)


def test_database_choice_is_checked_when_choices_are_loaded() -> None:
    google = condition("lead.source", "is", "google")
    catalog = with_choices(CATALOG, sources=[("fair", "Trade fair")])

    assert isinstance(parse(google), Condition)
    with pytest.raises(BadCriteria, match="“google” is not one of its choices"):
        parse(google, catalog)


def test_catalog_codes_are_unique_and_types_have_operators() -> None:
    assert len({field.code for field in ALL}) == len(ALL)
    assert len({field.label for field in ALL}) == len(ALL)
    assert {field.group for field in ALL} == {"Lead", "Contact", "Company", "Signals"}
    assert all(len(operators_for(field_type)) >= 3 for field_type in FieldType)
