from dataclasses import replace

import pytest

from core.criteria.sentences import ConditionWords
from handoff.admin.rule_editor.difference import changes_between
from handoff.admin.rule_editor.sentences import RuleWords

COUNTRY = ConditionWords("Country", "is one of", ("Germany", "Austria"))


def rule(number: int, **parts: object) -> RuleWords:
    made = RuleWords(
        number, number, f"Rule {number}", (COUNTRY,), "Round robin: Europe", sla="Urgent"
    )
    return replace(made, **parts)  # type: ignore[arg-type]  # any parts, by name


def copied(*rules: RuleWords) -> list[RuleWords]:
    """Return the rules as in a draft: other ids, the same keys."""
    return [replace(row, id=row.id + 100) for row in rules]


A, B, C, D = (rule(number) for number in range(1, 5))


def texts(live: list[RuleWords], draft: list[RuleWords]) -> list[str]:
    return [str(change) for change in changes_between(live, draft)]


def test_copy_has_no_changes() -> None:
    assert texts([A, B, C], copied(A, B, C)) == []


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ((C, A, B, D), ["Rule 3 moved from 3 to 1"]),
        ((B, C, D, A), ["Rule 1 moved from 1 to 4"]),
        ((B, A, D, C), ["Rule 2 moved from 2 to 1", "Rule 4 moved from 4 to 3"]),
        ((A, B, D), ["Rule 3 removed: Rule 3"]),
    ],
)
def test_fewest_moves_explain_the_order(draft: tuple[RuleWords, ...], expected: list[str]) -> None:
    assert texts([A, B, C, D], copied(*draft)) == expected


def test_rule_moved_down_past_a_new_one_is_not_moved() -> None:
    new = rule(77, name="Partners")

    assert texts([A, B], [*copied(A), new, *copied(B)]) == ["Rule 2 added: Partners"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"sla": "Standard"}, "Rule 1: SLA from Urgent to Standard"),
        ({"name": "DACH"}, "Rule 1: Name from Rule 1 to DACH"),
        ({"is_active": False}, "Rule 1: Rule from on to off"),
        ({"otherwise": "Next rule"}, "Rule 1: If no one is available: Next rule added"),
        ({"conditions": ()}, "Rule 1: Conditions: Country is one of Germany, Austria removed"),
        (
            {"conditions": (replace(COUNTRY, values=("Germany", "Austria", "France")),)},
            "Rule 1: France added to Country",
        ),
        (
            {"conditions": (replace(COUNTRY, values=("Germany",)),)},
            "Rule 1: Austria removed from Country",
        ),
        (
            {"conditions": (ConditionWords("Country", "is", ("Germany",)),)},
            "Rule 1: Conditions from Country is one of Germany, Austria to Country is Germany",
        ),
        (
            {"conditions": (COUNTRY, ConditionWords("Hot"))},
            "Rule 1: Conditions: Hot added",
        ),
    ],
)
def test_changed_part_is_named_with_before_and_after(
    parts: dict[str, object], expected: str
) -> None:
    assert texts([A], copied(rule(1, **parts))) == [expected]


def test_rules_without_a_common_key_are_compared_by_name() -> None:
    draft = replace(A, id=9, key=9, sla="Standard")

    assert texts([A], [draft]) == ["Rule 1: SLA from Urgent to Standard"]
