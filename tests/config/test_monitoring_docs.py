"""docs/admin/monitoring.md names what beat runs and what is logged, in the words of the code."""

from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

ROOT: Final = Path(settings.BASE_DIR)
DOCUMENT: Final = (ROOT / "docs/admin/monitoring.md").read_text()


def rows_under(heading: str) -> list[list[str]]:
    """Return the cells of the table that has this header."""
    table = DOCUMENT.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


def test_every_entry_of_beat_is_named() -> None:
    named = {row[0] for row in rows_under("beat entry | every | does")}

    assert named == set(settings.CELERY_BEAT_SCHEDULE)


LINES: Final = [
    (line.strip("`"), logger.strip("`"))
    for line, logger, _ in rows_under("line | logger | means")
    if logger.startswith("`") and "/" not in logger
]


def test_lines_are_found() -> None:
    assert len(LINES) >= 5


@pytest.mark.parametrize(("line", "logger"), LINES)
def test_line_is_written_by_its_logger(line: str, logger: str) -> None:
    code = (ROOT / logger.replace(".", "/")).with_suffix(".py").read_text()

    assert line.replace(" N", " %s").replace("…", "%s") in code
