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
from intake.imports.touches import Touches
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
    with file.with_name(f"{file.name}.rejects.csv").open(encoding="utf-8", newline="") as rejects:
        return list(csv.reader(rejects))


def test_lines_become_leads_with_their_own_dates(tmp_path: Path) -> None:
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


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN + BOB))
    before = rows_written()

    result = run_import(make_file(tmp_path, HEADER + ANN + BOB))

    assert result == (0, summary(lines=2, already_imported=2))
    assert rows_written() == before


def test_the_same_lines_in_another_dress_change_nothing(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN + BOB))
    before = rows_written()
    dressed = (
        "shoe;source;date;last;first;mail\r\n"
        "7;website;02.11.2026 09:30;Lee;Ann;ann@company.example\r\n"
    )

    result = run_import(make_file(tmp_path, dressed.encode("utf-8-sig")))

    assert result == (0, summary(lines=1, already_imported=1))
    assert rows_written() == before


def test_a_line_that_stands_twice_counts_once(tmp_path: Path) -> None:
    assert run_import(make_file(tmp_path, HEADER + ANN + ANN)) == (
        0,
        summary(lines=2, new=1, already_imported=1),
    )


def test_another_line_of_the_same_person_is_a_repeat(tmp_path: Path) -> None:
    later = ANN.replace("02.11.2026", "03.11.2026")

    assert run_import(make_file(tmp_path, HEADER + ANN + later)) == (
        0,
        summary(lines=2, new=1, repeats=1),
    )
    assert Lead.objects.get().touch_count == 2


def test_bad_lines_go_to_the_reject_file_and_good_ones_are_imported(tmp_path: Path) -> None:
    content = HEADER + ANN + BAD_BOB + "short,line\n" + HEADER + BAD_EVE + BOB
    file = make_file(tmp_path, content)

    code, found = run_import(file)

    rejects = tmp_path / "leads.csv.rejects.csv"
    assert (code, found) == (3, summary(lines=6, new=2, rejected=4, rejects=str(rejects)))
    assert rejected(file) == [
        ["line", "reason", "mail", "first", "last", "source", "date"],
        [
            "3",
            "email: Must be an email address such as ana@company.com.; "
            "source: Unknown source “websiet”. Did you mean “website”?",
            *BAD_BOB.strip().split(","),
        ],
        ["4", "Too few columns: 2 instead of 5.", "short", "line"],
        ["5", "This is the header again.", *HEADER.strip().split(",")],
        [
            "6",
            "occurred_at: “31.02.2026” is no date that the map knows "
            "(%d.%m.%Y %H:%M, %d.%m.%Y, ISO 8601).",
            *BAD_EVE.strip().split(","),
        ],
    ]
    assert set(Contact.objects.values_list("email", flat=True)) == {
        "ann@company.example",
        "bob@firm.example",
    }


def test_a_file_that_has_everything_wrong_still_brings_its_good_lines(tmp_path: Path) -> None:
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

    code, found = run_import(make_file(tmp_path, content))

    assert (code, found["lines"], found["new"], found["rejected"]) == (3, 7, 3, 4)
    assert list(Contact.objects.order_by("pk").values_list("name", flat=True)) == [
        "Ann Marie Lée",
        "Böb",
        "Zoë",
    ]


def test_a_repaired_reject_file_can_be_imported_as_it_is(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + BOB.replace("@", " at "))
    run_import(file)
    rejects = tmp_path / "leads.csv.rejects.csv"
    rejects.write_text(rejects.read_text().replace(" at ", "@"))

    assert run_import(rejects) == (0, summary(lines=1, new=1))


def test_the_reject_file_goes_where_it_is_told(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + "x\n")
    elsewhere = tmp_path / "elsewhere.csv"

    _, found = run_import(file, MAP, "--rejects", str(elsewhere))

    assert found["rejects"] == str(elsewhere)
    assert elsewhere.read_text().splitlines()[1] == "2,Too few columns: 1 instead of 5.,x"


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
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


def test_a_value_may_mean_a_number_a_date_or_false(tmp_path: Path) -> None:
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


def test_live_lines_are_offered_and_told(tmp_path: Path) -> None:
    make_pool()
    plan = MAP + '[constants]\nkind = "demo_request"\nlead_type = "demo"\n'

    run_import(make_file(tmp_path, HEADER + ANN), plan)

    assert Handoff.objects.get().clocks.count() == 2
    assert Notice.objects.count() == 1


def test_history_starts_no_clock_and_tells_nobody(tmp_path: Path) -> None:
    make_pool()
    plan = 'as_stage = "mql"\n' + MAP + '[constants]\nlead_type = "demo"\n'

    run_import(make_file(tmp_path, HEADER + ANN), plan, "--historical")

    lead = Lead.objects.get()
    day = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert (lead.stage, lead.stage_entered_at, lead.is_historical) == ("mql", day, True)
    assert (Handoff.objects.count(), Notice.objects.count()) == (0, 0)
    assert set(LeadEvent.objects.values_list("occurred_at", flat=True)) == {day}


@pytest.mark.parametrize("size", [1, 3])
def test_history_of_closed_leads_is_the_same_in_one_batch_as_in_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(run, "BATCH", size)
    lines = [ANN.replace("02.11", day) for day in ("02.11", "03.11", "04.11")]
    file = make_file(tmp_path, HEADER + "".join(lines))
    plan = 'as_stage = "lost"\n' + MAP

    rehearsed = run_import(file, plan, "--historical", "--dry-run")
    result = run_import(file, plan, "--historical")

    first, second, third = Lead.objects.order_by("opened_at")
    assert rehearsed == (0, summary(lines=3, new=3) | {"dry_run": True})
    assert result == (0, summary(lines=3, new=3))
    assert [lead.touch_count for lead in (first, second, third)] == [1, 1, 1]
    assert [lead.predecessor for lead in (first, second, third)] == [None, first, second]


def test_sources_are_created_by_their_exact_names_when_the_map_says_so(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    lines = [BOB.replace("Website form", name) for name in ("", "Website", "website", "Trade fair")]

    code, _ = run_import(make_file(tmp_path, HEADER + "".join(lines)), plan)

    sources = Touch.objects.order_by("pk").values_list("source__name", "source__code")
    assert code == 0
    assert list(sources) == [
        (None, None),
        ("Website", "website"),
        ("website", "website-2"),
        ("Trade fair", "trade-fair"),
    ]


def test_a_line_that_is_rejected_brings_no_source(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    before = Source.objects.count()
    lines = BAD_BOB + BAD_EVE.replace("website", "Fair")

    code, found = run_import(make_file(tmp_path, HEADER + lines), plan)

    assert (code, found["rejected"]) == (3, 2)
    assert Source.objects.count() == before


def test_a_source_that_another_import_created_meanwhile_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = "create_sources = true\n" + MAP
    take = Touches.take

    def too_late(*arguments: object) -> object:
        Source.objects.create(code="trade-fair", name="Trade fair")
        Source.objects.create(code="webinars", name="Webinars 2025")
        return take(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Touches, "take", too_late)
    lines = [BOB.replace("Website form", name) for name in ("Trade fair", "Webinars")]

    result = run_import(make_file(tmp_path, HEADER + "".join(lines)), plan)

    sources = Touch.objects.order_by("pk").values_list("source__name", "source__code")
    assert result == (0, summary(lines=2, new=1, repeats=1))
    assert list(sources) == [("Trade fair", "trade-fair"), ("Webinars", "webinars-2")]


def test_a_dry_run_creates_no_source(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    before = Source.objects.count()

    result = run_import(
        make_file(tmp_path, HEADER + BOB), plan.replace('= "website"', '= "Fair"'), "--dry-run"
    )

    assert result == (0, summary(lines=1, new=1) | {"dry_run": True})
    assert Source.objects.count() == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, OperationalError])
def test_an_import_that_broke_off_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    lines = [f"p{n}@company{n}.example,P,{n},website,02.11.2026\n" for n in range(6)]
    file = make_file(tmp_path, HEADER + "".join(lines))
    monkeypatch.setattr(run, "BATCH", 2)
    take = Touches.take
    batches = iter([take, take])

    def breaks_off(*arguments: object) -> object:
        batch = next(batches, None)
        if batch is None:
            raise error("gone")
        return batch(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Touches, "take", breaks_off)
        code, found = run_import(file)

    assert code == (130 if error is KeyboardInterrupt else 1)
    assert found["error"].endswith("Start the import again to go on.")
    assert Lead.objects.count() == 4
    assert run_import(file) == (0, summary(lines=6, new=2, already_imported=4))
    assert Lead.objects.count() == Touch.objects.count() == 6


@pytest.mark.parametrize(
    ("content", "plan", "options", "error"),
    [
        ("", MAP, [], "The file has no header line."),
        (
            "mail,name\n",
            MAP,
            [],
            "The file has no column “first”. It has: mail, name.",
        ),
        (
            "mail,first,last,source,date,mail\n",
            MAP,
            [],
            "The column “mail” stands twice in the file's header.",
        ),
        (
            "mail\n",
            '[fields]\nemail = "mail"',
            ["--historical"],
            "History has dates: the map must say which column is occurred_at.",
        ),
    ],
)
def test_a_file_and_a_map_that_do_not_fit_are_a_usage_error(
    tmp_path: Path, content: str, plan: str, options: list[str], error: str
) -> None:
    assert run_import(make_file(tmp_path, content), plan, *options) == (2, {"error": error})
    assert rows_written() == {}


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), has_header=st.booleans())
def test_no_file_whatever_ends_in_a_traceback(
    tmp_path: Path, content: bytes, has_header: bool
) -> None:
    file = make_file(tmp_path, HEADER.encode() * has_header + content)

    code, _ = run_import(file)

    assert code in {0, 2, 3}
