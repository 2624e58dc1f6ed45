"""The most that criteria can give: those that exclude each other do not add up."""

from typing import Any

import pytest

from leads.admin.scoring_editor.potential import most_counted, most_points
from leads.criteria import make_condition
from leads.defaults import SCORING
from leads.scoring import Criterion, Group


def criterion(points: int, field: str, operator: str, value: Any = None) -> Criterion:
    return Criterion("One", make_condition(field, operator, value), points)


SENIORITY = "contact.seniority"
SIZE = "company.employees"
TITLE = "contact.title"
EMAIL = "contact.has_corporate_email"


@pytest.mark.parametrize(
    ("criteria", "most"),
    [
        ([], 0),
        ([(20, SENIORITY, "is", "vp"), (30, SENIORITY, "is", "c_level")], 30),
        ([(20, SENIORITY, "is", "vp"), (5, SENIORITY, "is_known")], 25),
        ([(20, SENIORITY, "is", "vp"), (10, SIZE, "at_least", 50)], 30),
        ([(20, SIZE, "between", [50, 500]), (15, SIZE, "at_least", 500)], 35),
        ([(20, SIZE, "between", [50, 500]), (15, SIZE, "at_least", 501)], 20),
        ([(20, SIZE, "at_most", 9), (10, SIZE, "is_not", 9)], 30),
        ([(10, EMAIL, "is", True), (-5, EMAIL, "is", False)], 10),
        ([(10, TITLE, "contains", "head"), (5, TITLE, "contains", "sales")], 15),
        ([(10, TITLE, "starts_with", "head"), (5, TITLE, "starts_with", "chief")], 10),
        ([(10, TITLE, "does_not_contain", "intern"), (5, TITLE, "is_known")], 15),
        ([(10, SENIORITY, "is_unknown"), (5, SENIORITY, "is", "vp")], 10),
        ([(-30, SENIORITY, "is", "student")], 0),
        ([(10, "lead.opened_at", "before", "2026-03-02T09:00:00+00:00")], 10),
    ],
)
def test_most_points_of_criteria(criteria: list[tuple[Any, ...]], most: int) -> None:
    assert most_points(criterion(*row) for row in criteria) == most


def test_default_groups_reach_their_caps() -> None:
    most = {
        group.code: most_points(
            criterion(row.points, row.field, row.operator, row.value) for row in group.criteria
        )
        for group in SCORING
    }

    # C-level with a title; 50 to 500 employees, industry and target account; and so on.
    assert most == {"title": 35, "company": 35, "intent": 170, "contact": 20}


def test_points_count_up_to_the_cap_and_never_below_zero() -> None:
    criteria = (criterion(20, SENIORITY, "is", "vp"),)

    assert most_counted(Group("a", "A", 15, criteria)) == 15
    assert most_counted(Group("a", "A", 25, criteria)) == 20
