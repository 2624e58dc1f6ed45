from typing import Any

import pytest

from core.criteria.sentences import words_of
from leads.criteria import make_condition


@pytest.mark.parametrize(
    ("code", "operator", "value", "text"),
    [
        (
            "contact.country",
            "one_of",
            ["DE", "AT"],
            "Country of the contact is one of Germany, Austria",
        ),
        ("company.employees", "at_least", 1200, "Company size is at least 1,200 employees"),
        ("company.employees", "between", [50, 200], "Company size is between 50 and 200 employees"),
        ("company.has_owner", "is", False, "Account owner is not set"),
        ("lead.source", "is_unknown", None, "Source is unknown"),
        ("contact.title", "contains", "head", "Title contains “head”"),
    ],
)
def test_condition_reads_as_a_phrase(code: str, operator: str, value: Any, text: str) -> None:
    assert str(words_of(make_condition(code, operator, value))) == text
