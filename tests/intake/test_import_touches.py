import codecs
import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from time_machine import travel

from handoff.models import Handoff
from intake.imports import run
from intake.imports.touches import TouchImport
from leads.models import Contact, Lead, LeadEvent, Source, Touch
from people.models import Notice
from tests.examples import examples
from tests.factories import make_pool
from tests.intake.factories import rows_written
from tests.intake.files import ANN, BOB, HEADER, MAP, make_file, run_import, summary

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("_in_december"),
]

BAD_BOB = "bob@,Bob,,websiet,02.11.2026\n"
BAD_EVE = "eve@firm.example,Eve,x,website,31.02.2026\n"


@pytest.fixture
def _in_december() -> Iterator[None]:
    with travel(datetime(2026, 12, 1, 9, tzinfo=UTC), tick=False):
        yield


def rejected(file: Path) -> list[list[str]]:
    with file.with_name(f"{file.name}.rejects.csv").open(
        encoding="utf-8-sig", newline=""
    ) as rejects:
        return list(csv.reader(rejects))


def test_lines_become_leads_with_the_dates_of_the_file(tmp_path: Path) -> None:
    result = run_import(make_file(tmp_path, HEADER + ANN + BOB))

    assert result == (0, summary(lines=2, new=2))
    touches = Touch.objects.order_by("contact__email")
    assert list(
        touches.values_list("contact__email", "contact__name", "source__code", "occurred_at", "via")
    ) == [
        (
            "ann@company.example",
            "Ann Lee",
            "website",
            datetime(2026, 11, 2, 8, 30, tzinfo=UTC),
            "csv:fair",
        ),
        ("bob@firm.example", "Bob", "website", datetime(2026, 11, 1, 23, tzinfo=UTC), "csv:fair"),
    ]


def test_reimporting_a_file_is_a_no_op(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN + BOB))
    before = rows_written()

    result = run_import(make_file(tmp_path, HEADER + ANN + BOB))

    assert result == (0, summary(lines=2, already_imported=2))
    assert rows_written() == before


def test_reimporting_in_another_encoding_and_delimiter_is_a_no_op(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN + BOB))
    before = rows_written()
    reformatted = (
        "shoe;source;date;last;first;mail\r\n"
        "7;website;02.11.2026 09:30;Lee;Ann;ann@company.example\r\n"
    )

    result = run_import(make_file(tmp_path, reformatted.encode("utf-8-sig")))

    assert result == (0, summary(lines=1, already_imported=1))
    assert rows_written() == before


def test_duplicate_line_counts_once(tmp_path: Path) -> None:
    assert run_import(make_file(tmp_path, HEADER + ANN + ANN)) == (
        0,
        summary(lines=2, new=1, already_imported=1),
    )


def test_second_line_of_a_contact_is_a_repeat(tmp_path: Path) -> None:
    later = ANN.replace("02.11.2026", "03.11.2026")

    assert run_import(make_file(tmp_path, HEADER + ANN + later)) == (
        0,
        summary(lines=2, new=1, repeats=1),
    )
    assert Lead.objects.get().touch_count == 2


def test_bad_lines_are_rejected_and_good_lines_imported(tmp_path: Path) -> None:
    content = HEADER + ANN + BAD_BOB + "short,line\n" + HEADER + BAD_EVE + BOB
    file = make_file(tmp_path, content)

    code, result = run_import(file)

    rejects = tmp_path / "leads.csv.rejects.csv"
    assert (code, result) == (3, summary(lines=6, new=2, rejected=4, rejects=str(rejects)))
    assert rejected(file) == [
        ["line", "reason", "mail", "first", "last", "source", "date"],
        [
            "3",
            "email: Must be an email address such as ana@company.com.; "
            "source: Unknown source “websiet”. Did you mean “website”?",
            *BAD_BOB.strip().split(","),
        ],
        ["4", "Too few columns: 2 instead of 5.", "short", "line"],
        ["5", "The line repeats the header.", *HEADER.strip().split(",")],
        [
            "6",
            "occurred_at: “31.02.2026” does not match a date format in the map "
            "(%d.%m.%Y %H:%M, %d.%m.%Y, ISO 8601).",
            *BAD_EVE.strip().split(","),
        ],
    ]
    assert set(Contact.objects.values_list("email", flat=True)) == {
        "ann@company.example",
        "bob@firm.example",
    }


def test_line_is_imported_without_its_invalid_fields(tmp_path: Path) -> None:
    """Case I9: the rest of the line is not lost, and the line is listed."""
    file = make_file(tmp_path, HEADER + ANN.replace("website", "websiet"))

    code, result = run_import(file)

    rejects = tmp_path / "leads.csv.rejects.csv"
    assert (code, result) == (3, summary(lines=1, new=1, incomplete=1, rejects=str(rejects)))
    assert rejected(file)[1][:2] == [
        "2",
        "Imported without source: Unknown source “websiet”. Did you mean “website”?",
    ]
    assert Touch.objects.get().set_aside == [
        {
            "field": "source",
            "value": "websiet",
            "reason": "Unknown source “websiet”. Did you mean “website”?",
        }
    ]


def test_dry_run_lists_incomplete_lines(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + ANN.replace("website", "websiet"))

    code, result = run_import(file, MAP, "--dry-run")

    assert (code, result) == (3, summary(lines=1, new=1, incomplete=1, dry_run=True))


def test_good_lines_of_a_very_broken_file_are_imported(tmp_path: Path) -> None:
    header = HEADER.strip().replace(",", ";")
    lines = [
        header,
        'ann@company.example;"Ann\r\nMarie";Lée;website;02.11.2026',
        header,
        "too;few",
        "one;too;many;columns;02.11.2026;x",
        "bob@firm.example;Böb;;Website form;02.11.2026",
        'eve@firm.example;"Eve;never closed;website;02.11.2026',
        "zoe@shop.example;Zoë;;website;02.11.2026",
    ]
    content = codecs.BOM_UTF8 + "\r\n".join(lines).encode("latin-1")

    code, result = run_import(make_file(tmp_path, content))

    assert (code, result["lines"], result["new"], result["rejected"]) == (3, 7, 3, 4)
    assert list(Contact.objects.order_by("pk").values_list("name", flat=True)) == [
        "Ann Marie Lée",
        "Böb",
        "Zoë",
    ]


def test_fixed_rejects_file_can_be_imported(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + BOB.replace("@", " at "))
    run_import(file)
    rejects = tmp_path / "leads.csv.rejects.csv"
    rejects.write_text(rejects.read_text().replace(" at ", "@"))

    assert run_import(rejects) == (0, summary(lines=1, new=1))


def test_rejects_are_written_to_the_named_file(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + "x\n")
    elsewhere = tmp_path / "elsewhere.csv"

    _, result = run_import(file, MAP, "--rejects", str(elsewhere))

    assert result["rejects"] == str(elsewhere)
    assert elsewhere.read_text().splitlines()[1] == "2,Too few columns: 1 instead of 5.,x"


def test_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN))
    before = rows_written()
    again = ANN.replace("02.11.2026", "03.11.2026")
    file = make_file(tmp_path, HEADER + ANN + again + BOB + BOB.replace("02.", "03.") + "x\n")

    result = run_import(file, MAP, "--dry-run")

    assert result == (
        3,
        summary(lines=5, new=1, repeats=2, already_imported=1, rejected=1) | {"dry_run": True},
    )
    assert rows_written() == before
    assert list(tmp_path.glob("*.rejects.csv")) == []


def test_value_can_mean_a_number_a_date_or_false(tmp_path: Path) -> None:
    plan = (
        MAP
        + """
        [values.employees]
        "11-50" = 30
        "none" = 0
        [values.consent]
        "opt-out" = false
        [values.occurred_at]
        "the fair" = 2026-11-02
        """
    )
    plan = plan.replace("[dates]", 'employees = "size"\nconsent = "consent"\n[dates]')
    header = HEADER.replace("\n", ",size,consent\n")
    lines = ["ann@company.example,,,,the fair,11-50,opt-out\n", "bob@firm.example,,,,,none,yes\n"]

    result = run_import(make_file(tmp_path, header + "".join(lines)), plan)

    assert result == (0, summary(lines=2, new=2))
    contacts = Contact.objects.order_by("email").select_related("company")
    assert list(contacts.values_list("company__employees", "consent")) == [(30, False), (0, True)]
    assert Touch.objects.order_by("pk")[0].occurred_at == datetime(2026, 11, 1, 23, tzinfo=UTC)


def test_live_lines_are_offered_with_notice(tmp_path: Path) -> None:
    make_pool()
    plan = MAP + '[constants]\nkind = "demo_request"\nlead_type = "demo"\n'

    run_import(make_file(tmp_path, HEADER + ANN), plan)

    assert Handoff.objects.get().clocks.count() == 2
    assert Notice.objects.count() == 1


def test_history_starts_no_clock_and_sends_no_notice(tmp_path: Path) -> None:
    make_pool()
    plan = 'as_stage = "mql"\n' + MAP + '[constants]\nlead_type = "demo"\n'

    run_import(make_file(tmp_path, HEADER + ANN), plan, "--historical")

    lead = Lead.objects.get()
    day = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert (lead.stage, lead.stage_entered_at, lead.is_historical) == ("mql", day, True)
    assert (Handoff.objects.count(), Notice.objects.count()) == (0, 0)
    assert set(LeadEvent.objects.values_list("occurred_at", flat=True)) == {day}


@pytest.mark.parametrize("size", [1, 3])
def test_closed_history_is_the_same_for_any_batch_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(run, "BATCH_SIZE", size)
    lines = [ANN.replace("02.11", day) for day in ("02.11", "03.11", "04.11")]
    file = make_file(tmp_path, HEADER + "".join(lines))
    plan = 'as_stage = "lost"\n' + MAP

    dry_run = run_import(file, plan, "--historical", "--dry-run")
    result = run_import(file, plan, "--historical")

    first, second, third = Lead.objects.order_by("opened_at")
    assert dry_run == (0, summary(lines=3, new=3) | {"dry_run": True})
    assert result == (0, summary(lines=3, new=3))
    assert [lead.touch_count for lead in (first, second, third)] == [1, 1, 1]
    assert [lead.predecessor for lead in (first, second, third)] == [None, first, second]


def test_map_can_create_sources_without_regard_to_case(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    lines = [
        BOB.replace("Website form", name)
        for name in ("", "WEBSITE", "website", "Trade fair", "trade  Fair")
    ]

    code, _ = run_import(make_file(tmp_path, HEADER + "".join(lines)), plan)

    sources = Touch.objects.order_by("pk").values_list("source__name", "source__code")
    assert code == 0
    assert list(sources) == [
        (None, None),
        ("Website", "website"),
        ("Website", "website"),
        ("Trade fair", "trade-fair"),
        ("Trade fair", "trade-fair"),
    ]


def test_rejected_line_creates_no_source(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    before = Source.objects.count()
    lines = BAD_BOB + BAD_EVE.replace("website", "Fair")

    code, result = run_import(make_file(tmp_path, HEADER + lines), plan)

    assert (code, result["rejected"]) == (3, 2)
    assert Source.objects.count() == before


def test_source_created_by_a_concurrent_import_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = "create_sources = true\n" + MAP
    import_batch = TouchImport.import_batch

    def import_after_the_other(*arguments: object) -> object:
        Source.objects.create(code="trade-fair", name="Trade fair")
        Source.objects.create(code="webinars", name="Webinars 2025")
        return import_batch(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(TouchImport, "import_batch", import_after_the_other)
    lines = [BOB.replace("Website form", name) for name in ("Trade fair", "Webinars")]

    result = run_import(make_file(tmp_path, HEADER + "".join(lines)), plan)

    sources = Touch.objects.order_by("pk").values_list("source__name", "source__code")
    assert result == (0, summary(lines=2, new=1, repeats=1))
    assert list(sources) == [("Trade fair", "trade-fair"), ("Webinars", "webinars-2")]


def test_dry_run_creates_no_source(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    before = Source.objects.count()

    result = run_import(
        make_file(tmp_path, HEADER + BOB), plan.replace('= "website"', '= "Fair"'), "--dry-run"
    )

    assert result == (0, summary(lines=1, new=1) | {"dry_run": True})
    assert Source.objects.count() == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, OperationalError])
def test_interrupted_import_continues_when_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    lines = [f"p{n}@company{n}.example,P,{n},website,02.11.2026\n" for n in range(6)]
    file = make_file(tmp_path, HEADER + "".join(lines))
    monkeypatch.setattr(run, "LIVE_BATCH_SIZE", 2)
    import_batch = TouchImport.import_batch
    batches = iter([import_batch, import_batch])

    def interrupted(*arguments: object) -> object:
        batch = next(batches, None)
        if batch is None:
            raise error("the connection is closed")
        return batch(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(TouchImport, "import_batch", interrupted)
        code, result = run_import(file)

    assert code == (130 if error is KeyboardInterrupt else 1)
    assert result["error"].endswith("Start the import again to continue.")
    assert Lead.objects.count() == 4
    assert run_import(file) == (0, summary(lines=6, new=2, already_imported=4))
    assert Lead.objects.count() == Touch.objects.count() == 6


def test_fault_of_the_program_is_not_called_an_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> object:
        raise OperationalError("sending query failed: number of parameters must be below 65536")

    monkeypatch.setattr(TouchImport, "import_batch", fail)

    with pytest.raises(OperationalError, match="number of parameters"):
        run_import(make_file(tmp_path, HEADER + ANN))


@pytest.mark.parametrize(
    ("content", "plan", "options", "error"),
    [
        ("", MAP, [], "The file has no header line."),
        (
            "mail,name\n",
            MAP,
            [],
            "The file has no column “first”. Its columns: mail, name.",
        ),
        (
            "mail,first,last,source,date,mail\n",
            MAP,
            [],
            "The column “mail” occurs twice in the header of the file.",
        ),
        (
            "mail\n",
            '[fields]\nemail = "mail"',
            ["--historical"],
            "History needs dates. Map a column to occurred_at.",
        ),
    ],
)
def test_map_that_does_not_fit_the_file_is_a_usage_error(
    tmp_path: Path, content: str, plan: str, options: list[str], error: str
) -> None:
    assert run_import(make_file(tmp_path, content), plan, *options) == (2, {"error": error})
    assert rows_written() == {}


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), has_header=st.booleans())
def test_arbitrary_file_never_ends_in_a_traceback(
    tmp_path: Path, content: bytes, has_header: bool
) -> None:
    file = make_file(tmp_path, HEADER.encode() * has_header + content)

    code, _ = run_import(file)

    assert code in {0, 2, 3}
