from dataclasses import replace
from typing import Any

import pytest

from handoff.admin.rule_editor.values import Merge, RuleValues, merge

BASE = RuleValues(name="Europe", target="pool", team_id=3, policy_code="standard")
DE = ("contact.country", "is", "DE")


@pytest.mark.parametrize(
    ("theirs", "mine", "expected", "kept", "conflicts"),
    [
        ({}, {"name": "DACH"}, {"name": "DACH"}, (), ()),
        (
            {"policy_code": "urgent"},
            {"name": "DACH"},
            {"name": "DACH", "policy_code": "urgent"},
            ("policy_code",),
            (),
        ),
        ({"name": "EU"}, {"name": "DACH"}, {"name": "EU"}, (), ("name",)),
        ({"name": "EU"}, {"name": "EU"}, {"name": "EU"}, (), ()),
        (
            {"team_id": 4},
            {"target": "person", "team_id": None, "person_id": 7},
            {"team_id": 4},
            (),
            ("assign",),
        ),
        ({"match": "any"}, {"conditions": (DE,)}, {"match": "any"}, (), ("conditions",)),
    ],
)
def test_two_edits_are_merged_part_by_part(
    theirs: dict[str, Any],
    mine: dict[str, Any],
    expected: dict[str, Any],
    kept: tuple[str, ...],
    conflicts: tuple[str, ...],
) -> None:
    merged = merge(BASE, replace(BASE, **theirs), replace(BASE, **mine))

    assert merged == Merge(replace(BASE, **expected), kept, conflicts)


def test_values_survive_the_form() -> None:
    values = replace(BASE, conditions=(DE, ("company.employees", "between", [50, 200])))

    assert RuleValues.from_text(values.as_text()) == values


@pytest.mark.parametrize("text", ["", "{", "[]", '{"conditions": 3}', '{"conditions": [], "x": 1}'])
def test_other_text_is_not_a_base(text: str) -> None:
    assert RuleValues.from_text(text) is None
