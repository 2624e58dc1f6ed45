"""The changes of two editors of the same row."""

import pytest

from core.merging import Merge, Values, base_values, merge

BASE = {"name": "Standard", "days": 30}


@pytest.mark.parametrize(
    ("current", "mine", "merged"),
    [
        (BASE, BASE, Merge(BASE, frozenset(), frozenset())),
        (
            BASE,
            {**BASE, "days": 60},
            Merge({**BASE, "days": 60}, frozenset(), frozenset()),
        ),
        (
            {**BASE, "name": "Regular"},
            {**BASE, "days": 60},
            Merge({"name": "Regular", "days": 60}, frozenset(), frozenset({"name"})),
        ),
        (
            {**BASE, "days": 45},
            {**BASE, "days": 60},
            Merge({**BASE, "days": 45}, frozenset({"days"}), frozenset()),
        ),
        (
            {**BASE, "days": 60},
            {**BASE, "days": 60},
            Merge({**BASE, "days": 60}, frozenset(), frozenset()),
        ),
        (BASE, {"gone": 1}, Merge(BASE, frozenset(), frozenset())),
    ],
)
def test_my_changes_are_added_unless_the_same_part_changed(
    current: Values, mine: Values, merged: Merge
) -> None:
    assert merge(BASE, current, mine) == merged


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_base_that_was_not_sent_is_what_is_stored(text: str) -> None:
    assert base_values(text, BASE) == BASE


def test_base_keeps_what_the_page_did_not_show() -> None:
    assert base_values('{"days": 20}', BASE) == {"name": "Standard", "days": 20}
