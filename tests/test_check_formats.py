"""Numbers and dates are formatted in core.formatting, which knows the formats of the reader."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
APPS: Final = ("core", "people", "leads", "handoff", "feedback", "intake", "reporting", "workspace")
# Machines read c and Y-m-d, and D is the name of a day.
OWN_FORMATS: Final = {
    "templates": r"\|(?:intcomma|floatformat|localize)|\|(?:date|time):(?!['\"](?:c|D|Y-))",
    "static/js": r"Intl\.(?:NumberFormat|DateTimeFormat)|\.toLocale\w*String|\.toFixed",
}


def grouped_digits(code: str) -> Iterator[int]:
    """Yield the lines of f-strings that group digits, as in f"{count:,}"."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            yield from [node.lineno] if "," in ast.unparse(node.format_spec) else []


def test_no_module_groups_digits_itself() -> None:
    """A command has no reader, so it may."""
    files = [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "management" not in path.parts and path != ROOT / "core" / "formatting.py"
    ]

    places = [f"{path}:{line}" for path in files for line in grouped_digits(path.read_text())]

    assert places == []
    assert list(grouped_digits((ROOT / "core" / "formatting.py").read_text()))


@pytest.mark.parametrize(
    ("folder", "sample"),
    [("templates", '{{ at|date:"M j, Y" }}'), ("static/js", "count.toLocaleString()")],
)
def test_no_page_formats_by_itself(folder: str, sample: str) -> None:
    own_format = re.compile(OWN_FORMATS[folder])
    texts = {path: path.read_text() for path in (ROOT / folder).rglob("*.*")}

    assert own_format.search(sample)
    assert [str(path) for path, text in texts.items() if own_format.search(text)] == []
