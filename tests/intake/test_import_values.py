"""Test how a map reads the texts of a file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from leads.models import Campaign, Contact, Lead, Touch
from tests.intake.files import make_file, run_import, run_in_detail, summary

pytestmark = pytest.mark.django_db


def emails() -> set[str | None]:
    return set(Contact.objects.values_list("email", flat=True))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('[only]\nstatus = "open"', {"a@x.example", "b@x.example"}),
        ('[only]\nstatus = ["Open", "New"]\nteam = "EU"', {"a@x.example", "c@x.example"}),
        ('[skip]\nstatus = ["open", ""]', {"c@x.example"}),
    ],
)
def test_map_imports_only_some_lines(tmp_path: Path, condition: str, expected: set[str]) -> None:
    lines = "a@x.example,Open,EU\nb@x.example, OPEN ,US\nc@x.example,new,eu\nd@x.example,,EU\n"
    file = make_file(tmp_path, "mail,status,team\n" + lines)

    code, result = run_import(file, f'[fields]\nemail = "mail"\n{condition}')

    assert (code, emails()) == (0, expected)
    assert (result["lines"], result["skipped"]) == (4, 4 - len(expected))


def test_words_of_the_map_mean_empty(tmp_path: Path) -> None:
    plan = 'empty = ["Select", "n/a"]\n[fields]\nemail = "mail"\nindustry = "trade"\n'
    plan += '[answers]\ncity = "city"'
    file = make_file(tmp_path, "mail,trade,city\na@x.example,SELECT,N/A\nb@x.example,IT,Rome\n")

    assert run_import(file, plan) == (0, summary(lines=2, new=2))
    assert list(Touch.objects.order_by("pk").values_list("stated", "answers")) == [
        ({"email": "a@x.example"}, {}),
        ({"email": "b@x.example", "industry": "IT"}, {"city": "Rome"}),
    ]


def test_tables_of_values_ignore_case_and_have_a_rest(tmp_path: Path) -> None:
    plan = """
[fields]
email = "mail"
timing = "when"
[answers]
budget = "Money"
[values.timing]
"ASAP" = "now"
"*" = "later"
[values.Money]
"j" = "yes"
"" = "not asked"
"""
    lines = "a@x.example,asap,J\nb@x.example,one day,n\nc@x.example,,\n"

    run_import(make_file(tmp_path, "mail,when,Money\n" + lines), plan)

    leads = Lead.objects.order_by("pk").values_list("timing", "first_touch__answers__budget")
    assert list(leads) == [("now", "yes"), ("later", "n"), ("", "not asked")]


def test_first_filled_column_counts(tmp_path: Path) -> None:
    plan = '[fields]\nemail = {first = ["work", "private"]}\nname = ["first", "last"]'
    lines = "a@x.example,b@x.example,A,B\n,c@x.example,C,\n"

    run_import(make_file(tmp_path, "work,private,first,last\n" + lines), plan)

    assert dict(Contact.objects.values_list("email", "name")) == {
        "a@x.example": "A B",
        "c@x.example": "C",
    }


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("excel", "45717.395833333"),
        ("excel", "45717,395833333"),
        ("unix", "1740821400"),
        ("unix", "1740821400000"),
        ("%d %b, %Y %H:%M:%S", "01 Mar, 2025 09:30:00"),
        ("%m/%d/%Y %I:%M %p", "3/1/2025 9:30 AM"),
        ("%d.%m.%Y", "2025-03-01T10:30:00+01:00"),
        ("%d.%m.%Y", "Sat, 01 Mar 2025 09:30:00 GMT"),
    ],
)
def test_dates_are_read_as_programs_write_them(tmp_path: Path, form: str, text: str) -> None:
    plan = f'[fields]\nemail = "mail"\noccurred_at = "date"\n[dates]\nformats = "{form}"\n'
    plan += 'zone = "UTC"'

    code, _ = run_import(make_file(tmp_path, f'mail,date\na@x.example,"{text}"\n'), plan)

    assert code == 0
    assert Touch.objects.get().occurred_at == datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2025-03-01", '"01.03.2025"'])
def test_constant_date_is_read_like_a_cell(tmp_path: Path, value: str) -> None:
    plan = f'[fields]\nemail = "mail"\n[constants]\noccurred_at = {value}\n'
    plan += '[dates]\nformats = ["%d.%m.%Y"]\nzone = "Europe/Berlin"'

    code, _ = run_import(make_file(tmp_path, "mail\na@x.example\n"), plan, "--historical")

    assert code == 0
    assert Touch.objects.get().occurred_at == datetime(2025, 2, 28, 23, tzinfo=UTC)


def test_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    content = "mail,mail\nx,y\nmail\na@x.example\n"

    code, result = run_import(
        make_file(tmp_path, content), 'skip_lines = 2\n[fields]\nemail = "mail"'
    )

    assert (code, result["new"]) == (0, 1)


def test_map_can_create_campaigns(tmp_path: Path) -> None:
    plan = 'create_campaigns = true\n[fields]\nemail = "mail"\ncampaign = "campaign"'
    file = make_file(
        tmp_path, "mail,campaign\na@x.example,Spring 2025\nb@x.example,SPRING 2025\nc@x.example,\n"
    )

    code, _ = run_import(file, plan)

    campaign = Campaign.objects.get(name="Spring 2025")
    assert (code, campaign.code) == (0, "spring-2025")
    assert Lead.objects.filter(campaign=campaign).count() == 2


@pytest.mark.parametrize(
    ("plan", "faults"),
    [
        (
            '[constants]\nkind = "webinar_atended"\nsource = "websiet"\n'
            '[values.timing]\nasap = "noww"',
            [
                "constants.kind: Unknown value “webinar_atended”. Did you mean “webinar_attended”?",
                "constants.source: Unknown source “websiet”. Did you mean “website”?",
                "values.timing.asap: Unknown value “noww”. Did you mean “now”?",
            ],
        ),
        (
            '[constants]\noccurred_at = "1.3.25"',
            ["constants.occurred_at: “1.3.25” does not match a date format in the map (ISO 8601)."],
        ),
    ],
)
def test_faults_of_the_map_are_reported_once(tmp_path: Path, plan: str, faults: list[str]) -> None:
    file = make_file(tmp_path, "mail,when\na@x.example,asap\nb@x.example,asap\n")
    plan = '[fields]\nemail = "mail"\ntiming = "when"\n' + plan

    for options in ([], ["--dry-run"]):
        assert run_import(file, plan, *options) == (2, {"error": "\n".join(faults)})
    assert emails() == set()


def test_unknown_reason_in_the_map_is_a_fault(tmp_path: Path) -> None:
    plan = '[fields]\nemail = "m"\noccurred_at = "d"\nreason = "r"\n[values.reason]\nx = "zz"'

    code, result = run_in_detail(make_file(tmp_path, "m,d,r\n"), plan, "--historical")

    assert (code, result["error"]) == (
        2,
        "values.reason.x: Unknown rejection reason “zz”. Known: not_icp, no_budget, "
        "no_authority, bad_timing, duplicate, unresponsive, bad_data.",
    )
