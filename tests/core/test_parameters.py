import pytest
from django.http import QueryDict

from core.parameters import parameter_problems


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("", {}),
        ("source=web&page=2", {}),
        ("sorce=web", {"sorce": "“sorce” is not a filter here. Did you mean “source”?"}),
        ("x=", {"x": "“x” is not a filter here."}),
        ("page=1&page=2", {"page": "“page” is given more than once."}),
        ("y" * 50, {"y" * 50: f"“{'y' * 40}…” is not a filter here."}),
    ],
)
def test_unknown_and_repeated_parameters_are_named(query: str, problems: dict[str, str]) -> None:
    assert parameter_problems(QueryDict(query), ("source", "page")) == problems
