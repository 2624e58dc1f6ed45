from typing import Any

import pytest

from core.formatting import Formats, NumberStyle, shown_in
from leads.admin.scoring_editor.words import criterion_words, days_of, days_words
from leads.field_catalog import CATALOG
from leads.models import ScoringCriterion


def criterion(points: int, field: str, operator: str, value: Any, **more: Any) -> ScoringCriterion:
    return ScoringCriterion(
        label="One", points=points, field=field, operator=operator, value=value, **more
    )


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            criterion(20, "company.employees", "at_least", 200),
            "+20 when Company size is at least 200 employees",
        ),
        (
            criterion(-30, "contact.seniority", "is", "student"),
            "−30 when Seniority is Student",
        ),
        (
            criterion(25, "signal.demo_request", "at_least", 1, half_life_days=30),
            "+25 when Number of demo requests is at least 1, half after 30 days",
        ),
        (criterion(0, "contact.has_phone", "is", True), "0 when Phone is given"),
        (criterion(5, "company.shoe_size", "is", 43), "+5 when company.shoe_size"),
        (criterion(10, "", "", None), "+10 when nothing yet"),
    ],
)
def test_criterion_reads_as_a_sentence(row: ScoringCriterion, sentence: str) -> None:
    assert str(criterion_words(row, CATALOG)) == sentence


@pytest.mark.parametrize(
    ("text", "days"),
    [("30 days", 30), ("30", 30), ("1 day", 1), ("2 weeks", 14), (" 1 Week ", 7), ("", None)],
)
def test_half_life_is_read_in_words(text: str, days: int | None) -> None:
    assert days_of(text) == days


@pytest.mark.parametrize("days", [1, 30, 1500])
def test_half_life_is_read_as_it_is_shown(days: int) -> None:
    with shown_in(Formats(numbers=NumberStyle.POINT)):
        assert days_of(days_words(days)) == days


@pytest.mark.parametrize("text", ["0", "soon", "-3", "2 months", "4000 days", "9" * 30])
def test_half_life_that_is_none_says_what_to_enter(text: str) -> None:
    with pytest.raises(ValueError, match="Enter days or weeks, such as 30 days"):
        days_of(text)
