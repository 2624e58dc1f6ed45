import pytest

from core.versioning.merging import Merge, Values, base_values, merge

BASE: Values = {"name": "Fit", "cap": 30}


@pytest.mark.parametrize(
    ("current", "mine", "values", "conflicts"),
    [
        (BASE, {"cap": 35}, {"name": "Fit", "cap": 35}, set()),
        ({"name": "Size", "cap": 30}, {"cap": 35}, {"name": "Size", "cap": 35}, set()),
        ({"name": "Fit", "cap": 40}, {"cap": 30}, {"name": "Fit", "cap": 40}, set()),
        ({"name": "Fit", "cap": 40}, {"cap": 40}, {"name": "Fit", "cap": 40}, set()),
        ({"name": "Fit", "cap": 40}, {"cap": 35}, {"name": "Fit", "cap": 40}, {"cap"}),
        ({"name": "Fit"}, {"cap": 35}, {"name": "Fit"}, set()),
    ],
)
def test_two_edits_are_merged_value_by_value(
    current: Values, mine: Values, values: Values, conflicts: set[str]
) -> None:
    assert merge(BASE, current, mine) == Merge(values, frozenset(conflicts))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"cap": 20}', {"name": "Fit", "cap": 20}),
        ("", BASE),
        ("[1]", BASE),
        ("{", BASE),
    ],
)
def test_base_is_what_was_sent_over_what_is_stored(text: str, values: Values) -> None:
    assert base_values(text, BASE) == values
