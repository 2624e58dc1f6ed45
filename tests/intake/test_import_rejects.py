import csv
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from time_machine import travel

from leads.models import Contact
from tests.intake.factories import rows_written
from tests.intake.files import ANN, BOB, HEADER, MAP, make_file, run_import, summary

pytestmark = pytest.mark.django_db

LATER = ANN.replace("2026", "2025")
EARLIER = "line,reason,mail,first,last,source,date\n3,No.,x,,,,\n"


def dry_run(file: Path, *options: str) -> str:
    """Run a dry run with rejected lines and return its output."""
    plan = make_file(file.parent, MAP, "plan.toml")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import_leads", file, "--map", plan, "--dry-run", *options, stdout=out)
    assert end.value.code == 3
    return out.getvalue()


def rows_in(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@travel(datetime(2026, 12, 1, 9, tzinfo=UTC), tick=False)
def test_dry_run_prints_why_lines_would_be_rejected(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + LATER + "x\n" * 21)

    printed = dry_run(file).splitlines()

    assert printed == [
        "22 lines: 1 would be imported (1 new leads, 0 repeats, 0 updates, 0 stage moves), "
        "0 already imported, 0 skipped, 0 would be incomplete, 21 would be rejected.",
        "Line 2 is read as occurred_at: 2025-11-02 08:30:00+00:00; kind: form; source: website; "
        "email: ann@company.example; name: Ann Lee",
        "Dates: Nov 2, 2025 to Nov 2, 2025.",
        "Warning: 1 line is more than a year old, and live leads start SLA timers today. "
        "Use --historical to import them as history.",
        "New leads by stage: New 1.",
        "21 lines (3, 4, 5, 6, 7, …): Too few columns: 1 instead of 5.",
    ]


def test_dry_run_writes_rejects_to_the_named_file(tmp_path: Path) -> None:
    file, rejects = make_file(tmp_path, HEADER + "x\n"), tmp_path / "rejects.csv"

    printed = dry_run(file, "--rejects", str(rejects)).splitlines()

    assert printed[1:] == [
        "1 line (2): Too few columns: 1 instead of 5.",
        f"Rejected and incomplete lines with reasons: {rejects}",
    ]
    assert rejects.read_text().splitlines()[1] == "2,Too few columns: 1 instead of 5.,x"
    assert rows_written() == {}


@pytest.mark.parametrize("name", ["leads.csv", "leads.toml"])
def test_rejects_never_overwrite_an_input(tmp_path: Path, name: str) -> None:
    file = make_file(tmp_path, HEADER + "x\n")
    rejects = tmp_path / "folder" / ".." / name
    (tmp_path / "folder").mkdir()

    result = run_import(file, MAP, "--rejects", str(rejects))

    assert result == (
        2,
        {"error": f"{rejects} is an input of this import. Name another file with --rejects."},
    )
    assert file.read_text() == HEADER + "x\n"
    assert file.with_suffix(".toml").read_text() == MAP


def test_later_runs_keep_the_rejects_file_of_an_earlier_one(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + ANN.replace("website", "nowhere"))
    code, first = run_import(file)
    rejects = Path(first["rejects"])
    listed = rejects.read_bytes()

    assert (code, rejects.name) == (3, "leads.csv.rejects.csv")
    assert run_import(file) == (0, summary(lines=1, already_imported=1))
    make_file(tmp_path, HEADER + "x\n")
    assert run_import(file)[1]["rejects"] == str(tmp_path / "leads.csv.rejects-2.csv")

    assert rejects.read_bytes() == listed


def test_run_without_rejects_keeps_the_named_file(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + LATER)
    earlier = make_file(tmp_path, EARLIER, "rejects.csv")

    assert run_import(file, MAP, "--rejects", str(earlier)) == (0, summary(lines=1, new=1))
    assert earlier.read_text() == EARLIER


def test_input_must_be_a_file(tmp_path: Path) -> None:
    plan = make_file(tmp_path, MAP, "plan.toml")

    with pytest.raises(CommandError, match=r"^Cannot read \.: Is a directory\.$"):
        call_command("import_leads", Path("."), "--map", plan)


def test_rejects_are_safe_in_a_spreadsheet_and_can_be_imported_again(tmp_path: Path) -> None:
    """Case I2: a cell that a spreadsheet would run is changed in the file only."""
    file = make_file(tmp_path, HEADER + ANN.replace("Ann", "=1+1").replace("@", ";"))
    run_import(file)
    rejects = tmp_path / "leads.csv.rejects.csv"
    content = rejects.read_text(encoding="utf-8-sig")
    assert ",'=1+1," in content

    fixed = make_file(tmp_path, content.replace("ann;", "ann@"), "fixed.csv")

    assert run_import(fixed)[0] == 0
    assert Contact.objects.get().name == "=1+1 Lee"


def test_lines_with_too_many_cells_are_listed_under_as_many_titles(tmp_path: Path) -> None:
    """The header ends in an empty title, as some programs write it."""
    broken = ANN.replace("Ann,Lee", "Ann,Lee, Dr.")
    file = make_file(tmp_path, HEADER.replace("\n", ",\n") + "x\n" + broken)

    code, result = run_import(file)

    rejects = Path(result["rejects"])
    titles, short, line = rows_in(rejects)
    assert (code, result["rejected"]) == (3, 2)
    assert (titles[2:], short[2:]) == ([*HEADER.strip().split(","), "untitled column 6"], ["x"])
    assert (line[1], len(line)) == ("Too many columns: 6 instead of 5.", len(titles))
    assert [path.name for path in tmp_path.glob("*.rejects.*")] == [rejects.name]

    content = rejects.read_text(encoding="utf-8-sig")
    again = make_file(tmp_path, content, "again.csv")
    assert run_import(again)[1]["rejected"] == 2
    for fixed in ("Ann,Lee", "Ann,Lee Dr."):
        repaired = content.replace("Ann,Lee, Dr.", fixed).replace(",x", f",{BOB.strip()},")
        assert run_import(make_file(tmp_path, repaired, "fixed.csv"))[0] == 0
    assert Contact.objects.count() == 2


def test_titles_for_a_very_long_line_are_limited(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + "x," * 200 + "x\n")

    _, result = run_import(file)

    titles, line = rows_in(Path(result["rejects"]))
    assert (len(titles), titles[-1], len(line)) == (107, "untitled column 105", 203)
