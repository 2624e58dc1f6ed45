"""--example-map writes a map that then imports its file."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from intake.imports.mapping import read_map
from leads.models import Lead, Touch
from tests.intake.files import make_file, run_import

pytestmark = pytest.mark.django_db

HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Create Date,"
    "Original Source,Favorite color\n"
    "1,Ada,Ek,ada@ek.example,,,Lead,2025-01-10 09:00,Organic search,Red\n"
    "2,Ben,Ito,ben@ito.example,,,Customer,2025-02-10 09:00,N/A,\n"
)
SALESFORCE = (
    "Lead ID,First Name,Last Name,Company,Title,Email,Lead Source,Lead Status,Created Date\n"
    "00Q1,Ada,Ek,Ek AB,CEO,ada@ek.example,Web,Working,1/31/2025\n"
    "00Q2,Ben,Ito,Ito KK,CTO,ben@ito.example,Partner,Closed - Converted,12/1/2025\n"
)
PIPEDRIVE = (
    "Person - ID;Person - Name;Person - Email;Person - Organization;Deal - Value;"
    "Deal - Currency;Deal - Stage;Deal - Owner;Deal - Deal created\n"
    "7;Ada Ek;ada@ek.example;Ek AB;1200;EUR;Won;;2025-01-10 09:00:00\n"
    "8;Ben Ito;ben@ito.example;Ito KK;;;Qualified;;2025-01-11 09:00:00\n"
)
ZOHO = (
    "LEADID,Last Name,Company,Lead Owner,Email,Mobile,Lead Source,Lead Status,Created Time\n"
    '1,Ek,Ek AB,,ada@ek.example,,Cold Call,Contact in Future,"15 Apr, 2021 00:03:00"\n'
    '2,Ito,Ito KK,,ben@ito.example,,Partner,Junk Lead,"16 Apr, 2021 00:03:00"\n'
)
ODOO = (
    "id,Contact Name,Email,Company Name,Stage,Salesperson,Created on,Expected Revenue\n"
    "1,Ada Ek,ada@ek.example,Ek AB,Won,,2025-01-10 09:00:00,\n"
    "2,Ben Ito,ben@ito.example,Ito KK,Proposition,,2025-01-10 09:00:00,\n"
)
GERMAN = (
    "Kundennummer;Vorname;Nachname;e-mail-adresse;Firma;Telefon;Quelle;Erstellt am;Notiz\n"
    "1;Ada;Ek;ada@ek.example;Ek AB;;Messe;31.01.2025;ruft zurück\n"
    "2;Ben;Ito;ben@ito.example;Ito KK;;Messe;01.02.2025;\n"
)


def example(file: Path) -> str:
    target = file.with_name("example.toml")
    call_command("import_leads", file, "--example-map", target, stdout=StringIO())
    return target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "stages"),
    [
        (HUBSPOT, ["engaged", "won"]),
        (SALESFORCE, ["engaged", "won"]),
        (PIPEDRIVE, ["won", "sql"]),
        (ZOHO, ["nurture", "disqualified"]),
        (ODOO, ["won", "opportunity"]),
        (GERMAN, ["engaged", "engaged"]),
    ],
    ids=["HubSpot", "Salesforce", "Pipedrive", "Zoho", "Odoo", "German"],
)
def test_example_map_imports_its_file(tmp_path: Path, content: str, stages: list[str]) -> None:
    file = make_file(tmp_path, content)

    code, result = run_import(file, example(file), "--historical")

    assert (code, result["new"]) == (0, 2)
    leads = Lead.objects.order_by("pk").values_list("contact__email", "stage")
    assert list(leads) == [("ada@ek.example", stages[0]), ("ben@ito.example", stages[1])]
    assert set(Lead.objects.values_list("contact__name", flat=True)) <= {
        *("Ada Ek", "Ben Ito", "Ek", "Ito"),
    }


def test_example_map_says_what_it_does_not_know(tmp_path: Path) -> None:
    text = example(make_file(tmp_path, HUBSPOT.replace("Lead,", "Evangelist,", 1)))

    assert '# favorite_color = "Favorite color"' in text
    assert '\n# "Evangelist" = ""   # choose a stage' in text
    assert 'empty = ["N/A"]' in text
    assert "import it with --historical" in text


def test_file_without_stages_is_imported_live(tmp_path: Path) -> None:
    text = example(make_file(tmp_path, "Email,Owner,Message\nada@ek.example,Rita,Please call\n"))

    (tmp_path / "live.toml").write_text(text, encoding="utf-8")
    assert not read_map(tmp_path / "live.toml").tells_history
    assert '# owner = "Owner"   # only with --historical' in text
    assert run_import(tmp_path / "leads.csv", text)[0] == 0


def test_stages_without_dates_are_explained(tmp_path: Path) -> None:
    text = example(make_file(tmp_path, "Prospect ID,Converted\n7,1\n"))

    assert '# stage = "Converted"   # only with --historical' in text
    assert "# occurred_at = 2026-01-31   # stages need a date, if only one for all lines" in text


def test_columns_without_a_date_of_creation_are_kept_as_comments(tmp_path: Path) -> None:
    text = example(make_file(tmp_path, "Customer,dealstage,Close date\n7,won,01-14-2020\n"))

    assert '# won = "Close date"   # only with --historical' in text
    assert '# "won" = "won"' in text


def test_open_deals_in_unknown_stages_are_not_lost_by_planned_dates(tmp_path: Path) -> None:
    lines = "ada@ek.example,Discovery,2025-01-10,2025-03-01\n"
    file = make_file(tmp_path, "Email,Stage,Created,Close date\n" + lines)

    code, result = run_import(file, example(file), "--historical")

    assert (code, result["incomplete"]) == (3, 1)
    assert Lead.objects.get().stage == "engaged"
    assert [row["field"] for row in Touch.objects.get().set_aside] == ["stage"]


@pytest.mark.parametrize("closed", ["Close date", "Won date,Close date"])
def test_close_date_infers_no_stage(tmp_path: Path, closed: str) -> None:
    blank = "," * closed.count(",")
    line = f"ada@ek.example,2025-01-10,2025-02-01,{blank}2025-03-01\n"
    file = make_file(tmp_path, f"Email,Created,MQL date,{closed}\n{line}")
    text = example(file)

    run_import(file, text, "--historical")

    assert Lead.objects.get().stage == "mql"
    assert '"Close date"' in text.partition("# [answers]")[2]


def test_columns_are_found_by_the_names_of_fields(tmp_path: Path) -> None:
    header = "Email,is_customer,Region,kind,created\n"
    text = example(make_file(tmp_path, header + "ada@ek.example,yes,North,x,01-14-2020\n"))

    assert 'is_customer = "is_customer"' in text
    assert 'region = "Region"' in text
    assert 'kind = "kind"' in text.partition("# [answers]")[2]
    assert 'formats = ["%m-%d-%Y"]' in text


def test_dates_in_an_unknown_form_are_shown(tmp_path: Path) -> None:
    lines = "ada@ek.example,2020-01-14\nben@ito.example,in May\n"
    text = example(make_file(tmp_path, "Email,Created\n" + lines))

    assert "# formats = []   # for dates such as in May" in text


def test_example_map_overwrites_nothing(tmp_path: Path) -> None:
    file, target = make_file(tmp_path, HUBSPOT), make_file(tmp_path, "mine", "mine.toml")

    with pytest.raises(CommandError, match=r"exists\. Name a new file"):
        call_command("import_leads", file, "--example-map", target)

    assert target.read_text() == "mine"


def test_import_needs_a_map(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Name a file and its --map"):
        call_command("import_leads", make_file(tmp_path, HUBSPOT))
