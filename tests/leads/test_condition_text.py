from typing import Any

import pytest

from core.criteria.operators import OPERATORS
from leads.condition_text import as_text, from_text
from leads.field_catalog import CATALOG

WRITTEN: list[tuple[str, str, Any, str]] = [
    ("contact.title", "is", "Head of Sales", "Head of Sales"),
    ("contact.title", "one_of", ["CEO", "Founder"], "CEO, Founder"),
    ("contact.title", "one_of", ["VP, Sales", 'the "boss"'], '"VP, Sales", "the ""boss"""'),
    ("contact.country", "one_of", ["DE", "FR"], "DE, FR"),
    ("company.employees", "at_least", 250, "250"),
    ("company.employees", "between", [50, 500], "50, 500"),
    ("contact.has_phone", "is", True, "yes"),
    ("contact.has_phone", "is", False, "no"),
    ("contact.title", "is_known", None, ""),
]


@pytest.mark.parametrize(("code", "operator", "value", "text"), WRITTEN)
def test_value_survives_formatting_and_parsing(
    code: str, operator: str, value: Any, text: str
) -> None:
    assert as_text(value) == text
    assert from_text(CATALOG[code], OPERATORS[operator], text) == value


@pytest.mark.parametrize(
    ("code", "operator", "text", "value"),
    [
        ("company.employees", "at_least", " 1 000 ", 1000),
        ("company.employees", "at_least", "-5", -5),
        ("company.employees", "at_least", "many", "many"),
        ("company.employees", "at_least", "1.5", "1.5"),
        ("contact.has_phone", "is", "TRUE", True),
        ("contact.has_phone", "is", "perhaps", "perhaps"),
        ("contact.country", "one_of", "DE,, FR ,", ["DE", "FR"]),
        ("contact.country", "one_of", "", []),
        ("contact.title", "is_known", "left over", None),
    ],
)
def test_invalid_value_stays_text_for_the_criteria_to_refuse(
    code: str, operator: str, text: str, value: Any
) -> None:
    assert from_text(CATALOG[code], OPERATORS[operator], text) == value
