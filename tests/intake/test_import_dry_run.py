"""A dry run reports what the import then does, and writes nothing."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from intake.imports import run
from intake.imports.details import ImportDetails
from intake.imports.reader import BadLine
from leads.models import Source
from tests.factories import make_pool, make_rep
from tests.intake.files import make_file, run_in_detail

pytestmark = pytest.mark.django_db

PLAN = """
create_sources = true
[fields]
email = "mail"
phone = "phone"
name = "name"
external_id = "id"
kind = "kind"
source = "source"
occurred_at = "date"
[constants]
country = "DE"
"""
HEADER = "mail,phone,name,id,kind,source,date\n"
LINES = [
    "a@a.example,+493090182940,Ann Lee,1,demo_request,Website,2026-11-01",
    ",+493090182940,Ben Kurz,2,demo_request,Fair 2026,2026-11-02",
    "a@a.example,,Ann Lee,,demo_request,Web site,2026-11-03",
    "A@a.example,,Ann Lee,1,pricing_visit,website,2026-11-04",
    ",+493090182940,Ben Kurz,,content_download,fair 2026,2026-11-05",
    "c@c.example,,Cem,,demo_request,Fair 2026,2026-13-01",
    "d@,,,,demo_request,Fair 2026,2026-11-06",
    "e@e.example,12,Eva,5,quote,Website,2026-11-07",
    "a@a.example,+493090182940,Ann Lee,1,demo_request,Website,2026-11-01",
    "f@f.example,,Flo,,demo_request,Website,2026-11-08",
]
COUNTS = ("new", "repeats", "updated", "moved", "already_imported", "incomplete", "rejected")


def counts(result: dict[str, Any]) -> dict[str, int]:
    return {name: result[name] for name in COUNTS}


def every_count() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("batch_size", [1, 3, 200])
def test_dry_run_reports_what_the_import_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    monkeypatch.setattr(run, "LIVE_BATCH_SIZE", batch_size)
    make_pool(make_rep(), make_rep())
    file = make_file(tmp_path, HEADER + "\n".join(LINES) + "\n")
    before = every_count()

    code, expected = run_in_detail(file, PLAN, "--dry-run")

    assert every_count() == before
    code_of_run, result = run_in_detail(file, PLAN)
    assert code == code_of_run == 3
    assert (
        counts(result)
        == counts(expected)
        == {
            "new": 4,
            "repeats": 3,
            "updated": 0,
            "moved": 0,
            "already_imported": 1,
            "incomplete": 1,
            "rejected": 2,
        }
    )


@pytest.mark.parametrize("batch_size", [1, 3, 200])
@pytest.mark.parametrize("options", [[], ["--historical"]])
def test_reports_of_dry_run_and_import_are_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int, options: list[str]
) -> None:
    monkeypatch.setattr(run, "LIVE_BATCH_SIZE", batch_size)
    monkeypatch.setattr(run, "BATCH_SIZE", batch_size)
    make_pool(make_rep(), make_rep())
    file = make_file(tmp_path, HEADER + "\n".join(LINES) + "\n")
    plan = PLAN.replace("[fields]", '[fields]\nstage = "stage"\nowner = "owner"')
    if options:
        file = make_file(
            tmp_path,
            HEADER.replace("\n", ",stage,owner\n")
            + "".join(
                f"{line},{stage},{owner}\n"
                for line, stage, owner in zip(
                    LINES,
                    ("won", "mql", "mql", "won", "lost", "", "", "no", "won", "mql"),
                    ("Old Hand", "Old Hand", "", "", "", "", "", "", "Old Hand", ""),
                    strict=True,
                )
            ),
        )

    _, expected = run_in_detail(file, plan if options else PLAN, *options, "--dry-run")
    _, result = run_in_detail(file, plan if options else PLAN, *options)

    for report in (expected, result):
        del report["dry_run"], report["rejects"]
    assert expected == result


def test_report_names_new_sources_and_similar_ones(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + "\n".join(LINES) + "\n")

    _, result = run_in_detail(file, PLAN, "--dry-run")

    assert result["details"]["new_codes"] == [
        {"kind": "source", "name": "Fair 2026", "lines": 2, "similar": ""},
        {"kind": "source", "name": "Web site", "lines": 1, "similar": "Website"},
    ]
    assert not Source.objects.filter(name="Fair 2026").exists()


def test_report_groups_reasons_with_counts_and_first_lines(tmp_path: Path) -> None:
    bad = "".join(f"p{n}@x.example,,,,fair{n},Website,2026-11-01\n" for n in range(7))

    _, result = run_in_detail(make_file(tmp_path, HEADER + bad), PLAN, "--dry-run")

    (group,) = result["details"]["reasons"]
    assert group["reason"].startswith("kind: Unknown value “fair0”.")
    assert (group["count"], group["lines"]) == (7, [2, 3, 4, 5, 6])
    assert group["values"] == [f"fair{n}" for n in range(7)]


def test_report_says_who_gets_the_leads(tmp_path: Path) -> None:
    pool = make_pool(make_rep(), make_rep())
    file = make_file(tmp_path, HEADER + LINES[0] + "\n" + LINES[-1] + "\n")

    _, result = run_in_detail(file, PLAN, "--dry-run")

    (row,) = result["details"]["assignments"]
    assert (row["to"], row["leads"]) == (pool.name, 2)


def test_report_shows_rows_and_dates_and_warns_of_old_live_leads(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + LINES[0].replace("2026-11-01", "2019-11-01") + "\n")

    _, live = run_in_detail(file, PLAN, "--dry-run")
    _, history = run_in_detail(file, PLAN, "--dry-run", "--historical")

    sample = live["details"]["samples"][0]
    assert (sample["line"], sample["email"], sample["source"]) == (2, "a@a.example", "website")
    assert live["details"]["first_date"] == live["details"]["last_date"]
    assert live["details"]["first_date"].startswith("2019-1")
    assert live["details"]["old_live_lines"] == 1
    assert history["details"]["old_live_lines"] == 0


def test_reason_that_quotes_a_semicolon_is_one_reason(tmp_path: Path) -> None:
    bad = 'p@x.example,,,,demo_request,Website,"May; June"\n'

    _, result = run_in_detail(make_file(tmp_path, HEADER + bad), PLAN, "--dry-run")

    (group,) = result["details"]["reasons"]
    assert group["values"] == ["May; June"]


def test_reasons_that_name_other_leads_and_dates_are_one_group() -> None:
    details = ImportDetails()
    for number, reason in enumerate(
        (
            "occurred_at: Lead 7 became “Engaged” only on Jan 3, 2021.",
            "occurred_at: Lead 812 became “Nurture” only on Oct 13, 2020.",
            "external_id: Required to find the lead.",
        )
    ):
        details.add_reasons(BadLine(number, [], reason))

    assert [(group.count, group.values) for group in details.sorted_reasons()] == [
        (2, ["Engaged", "Nurture"]),
        (1, []),
    ]


MOVES = """
system = "crm"
what = "moves"
[fields]
external_id = "id"
occurred_at = "date"
stage = "stage"
"""


@pytest.mark.parametrize("batch_size", [1, 200])
def test_reports_of_moves_are_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    monkeypatch.setattr(run, "BATCH_SIZE", batch_size)
    plan = 'system = "crm"\n[fields]\nexternal_id = "id"\noccurred_at = "date"'
    leads = make_file(tmp_path, "id,date\n1,2025-01-01\n2,2025-01-01\n")
    run_in_detail(leads, plan, "--historical")
    lines = (
        "id,date,stage\n1,2025-01-02,sql\n1,2025-01-03,won\n1,2025-01-03,won\n"
        "1,2025-01-04,lost\n2,2024-01-01,sql\n3,2025-01-01,sql\n2,2025-01-05,mql\n"
    )
    file = make_file(tmp_path, lines, "moves.csv")

    reports = [
        run_in_detail(file, MOVES, "--historical", *options)[1] for options in (["--dry-run"], [])
    ]

    for report in reports:
        del report["dry_run"], report["rejects"]
    assert reports[0] == reports[1]
    assert counts(reports[0]) == {
        "new": 0,
        "repeats": 0,
        "updated": 0,
        "moved": 3,
        "already_imported": 1,
        "incomplete": 0,
        "rejected": 3,
    }
