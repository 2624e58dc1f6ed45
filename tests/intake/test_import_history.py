"""Case I12: exports of other systems with stage, owner, reason, amount and dates per line."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from handoff.answers.reject import reject_handoff
from intake.imports.touches import StoredLines, TouchImport
from leads.models import Lead, LeadEvent, Touch
from people.models import User
from reporting.invariants import CHECKS
from tests.factories import make_handoff, make_lead, make_pool, make_rep, owner_of
from tests.intake.factories import rows_written, told
from tests.intake.files import make_file, run_import, run_in_detail, summary
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

HUBSPOT = """
name = "hubspot"
key = "Record ID"
create_sources = true
[fields]
external_id = "Record ID"
name = ["First Name", "Last Name"]
email = "Email"
owner = "Contact owner"
stage = "Lifecycle Stage"
occurred_at = "Create Date"
source = "Original Source"
[values.stage]
"Lead" = "engaged"
"Marketing Qualified Lead" = "mql"
"Customer" = "won"
[dates]
formats = ["%Y-%m-%d %H:%M"]
zone = "UTC"
"""
HEADER = (
    "Record ID,First Name,Last Name,Email,Contact owner,Lifecycle Stage,Create Date,"
    "Original Source\n"
)
ADA = "1,Ada,Ek,ada@ek.example,rep@ours.example,Lead,2025-01-10 09:00,Organic search\n"
BEN = (
    "2,Ben,Ito,ben@ito.example,rep@ours.example,marketing qualified lead,2025-02-10 09:00,"
    "Organic Search\n"
)
CAT = "3,Cat,Roy,cat@roy.example,gone@ours.example,CUSTOMER,2025-03-10 09:00,Paid search\n"
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def make_owner(email: str, **fields: Any) -> User:
    rep = make_rep(**fields)
    rep.email = email
    rep.save()
    return rep


DEALS = """
name = "deals"
key = "Deal"
[fields]
external_id = "Contact"
stage = "Stage"
amount = "Amount"
occurred_at = "Created"
[stage_dates]
won = "Closed"
lost = "Closed"
[constants]
currency = "USD"
"""


def test_each_closed_deal_of_a_contact_is_a_lead(tmp_path: Path) -> None:
    """A closed deal lets the next line of its contact open a new lead."""
    file = make_file(
        tmp_path,
        "Deal,Contact,Stage,Amount,Created,Closed\n"
        "d1,7,won,100,2025-01-10,2025-01-20\n"
        "d2,7,lost,200,2025-02-10,2025-02-20\n"
        "d3,7,won,300,2025-03-10,2025-03-20\n",
    )

    assert run_import(file, DEALS, "--historical") == (0, summary(lines=3, new=3))

    leads = Lead.objects.order_by("opened_at")
    assert list(leads.values_list("stage", "amount")) == [
        ("won", Decimal(100)),
        ("lost", Decimal(200)),
        ("won", Decimal(300)),
    ]


def test_lines_get_their_own_stage_and_owner(tmp_path: Path) -> None:
    rep = make_owner("rep@ours.example")
    file = make_file(tmp_path, HEADER + ADA + BEN + CAT)

    assert run_import(file, HUBSPOT, "--historical") == (0, summary(lines=3, new=3))

    former = User.objects.get(external_id="gone@ours.example")
    leads = Lead.objects.order_by("opened_at")
    assert list(leads.values_list("stage", "owner", "source__name", "closed_at")) == [
        ("engaged", rep.pk, "Organic search", None),
        ("mql", rep.pk, "Organic search", None),
        ("won", former.pk, "Paid search", datetime(2025, 3, 10, 9, tzinfo=UTC)),
    ]
    assert (former.is_active, former.has_usable_password()) == (False, False)
    assert {name: list(check(NOW)) for name, check in CHECKS.items()} == dict.fromkeys(CHECKS, [])


def test_history_per_line_twice_is_a_no_op(tmp_path: Path) -> None:
    make_owner("rep@ours.example")
    file = make_file(tmp_path, HEADER + ADA + BEN + CAT)
    run_import(file, HUBSPOT, "--historical")
    before = rows_written()

    assert run_import(file, HUBSPOT, "--historical") == (0, summary(lines=3, already_imported=3))
    assert rows_written() == before


def test_unknown_stage_and_owner_are_set_aside_and_listed_once(tmp_path: Path) -> None:
    make_owner("rep@ours.example")
    lines = ADA.replace(",Lead,", ",Evangelist,") + BEN.replace("rep@ours", "gone@ours")

    code, result = run_in_detail(make_file(tmp_path, HEADER + lines), HUBSPOT, "--historical")

    assert (code, result["new"], result["incomplete"]) == (3, 2, 2)
    assert list(Lead.objects.order_by("opened_at").values_list("stage", "owner__email")) == [
        ("engaged", "rep@ours.example"),
        ("mql", None),
    ]
    assert [(group["reason"], group["lines"]) for group in result["details"]["reasons"]] == [
        (
            "stage: Unknown value “Evangelist”. Known: new, engaged, mql, sal, sql, opportunity, "
            "won, lost, ….",
            [2],
        ),
        (
            "owner: “gone@ours.example” is not an active rep here, so the open lead gets no owner.",
            [3],
        ),
    ]
    assert [touch.set_aside[0]["field"] for touch in Touch.objects.order_by("pk")] == [
        "stage",
        "owner",
    ]


def test_inactive_user_gets_no_open_lead(tmp_path: Path) -> None:
    make_owner("rep@ours.example", is_active=False)

    code, _ = run_import(make_file(tmp_path, HEADER + ADA), HUBSPOT, "--historical")

    lead = Lead.objects.get()
    assert (code, lead.owner) == (3, None)
    assert lead.queue is not None


def test_corrected_export_moves_the_lead_on(tmp_path: Path) -> None:
    make_owner("rep@ours.example")
    run_import(make_file(tmp_path, HEADER + BEN), HUBSPOT, "--historical")

    again = make_file(tmp_path, HEADER + BEN.replace("marketing qualified lead", "Customer"))
    result = run_import(again, HUBSPOT, "--historical")

    assert result == (0, summary(lines=1, updated=1))
    assert Lead.objects.get().stage == "won"
    assert Touch.objects.count() == 1


def test_historical_line_without_a_date_is_rejected(tmp_path: Path) -> None:
    undated = [BEN.replace("2025-02-10 09:00", date) for date in ("", "  ")]

    code, result = run_in_detail(
        make_file(tmp_path, HEADER + ADA + "".join(undated)), HUBSPOT, "--historical"
    )

    reasons = [(row["reason"], row["lines"]) for row in result["details"]["reasons"]]
    assert (code, result["new"], result["rejected"]) == (3, 1, 2)
    assert ("occurred_at: Required with --historical.", [3, 4]) in reasons
    assert Lead.objects.get().opened_at == datetime(2025, 1, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "default",
    ["[constants]\noccurred_at = 2025-02-03", '[values.occurred_at]\n"" = "2025-02-03"'],
)
def test_historical_line_without_a_date_has_the_date_of_the_map(
    tmp_path: Path, default: str
) -> None:
    make_owner("rep@ours.example")
    file = make_file(tmp_path, HEADER + BEN.replace("2025-02-10 09:00", ""))

    result = run_import(file, f"{HUBSPOT}{default}", "--historical")

    assert result == (0, summary(lines=1, new=1))
    assert Lead.objects.get().opened_at == datetime(2025, 2, 3, tzinfo=UTC)


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    make_owner("rep@ours.example")
    blank = ",,,,,,,\n" * 3 + ", ,\n" + "\n"

    result = run_import(make_file(tmp_path, HEADER + ADA + blank), HUBSPOT, "--historical")

    assert result == (0, summary(lines=1, new=1, blank=5))


def test_lead_that_is_worked_here_keeps_its_stage(tmp_path: Path) -> None:
    live = make_lead(email="ben@ito.example")
    stage = live.stage

    code, result = run_in_detail(make_file(tmp_path, HEADER + BEN), HUBSPOT, "--historical")

    live.refresh_from_db()
    assert (code, live.stage, result["repeats"]) == (3, stage, 1)
    assert any("is worked here and stays" in row["reason"] for row in result["details"]["reasons"])


def test_owner_who_is_known_later_is_completed_by_importing_again(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + ADA + BEN)
    run_import(file, HUBSPOT, "--historical")
    assert set(Lead.objects.values_list("owner", flat=True)) == {None}
    rep = make_owner("rep@ours.example")

    assert run_import(file, HUBSPOT, "--historical", "--dry-run") == (
        0,
        summary(lines=2, updated=2, dry_run=True),
    )
    assert run_import(file, HUBSPOT, "--historical") == (0, summary(lines=2, updated=2))
    before = rows_written()
    assert run_import(file, HUBSPOT, "--historical") == (0, summary(lines=2, already_imported=2))

    assert rows_written() == before
    assert Lead.objects.filter(owner=rep, queue=None).count() == 2
    assert {name: list(check(NOW)) for name, check in CHECKS.items()} == dict.fromkeys(CHECKS, [])


def test_lead_that_sales_returned_here_gets_no_owner_by_importing_again(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + ADA)
    run_import(file, HUBSPOT, "--historical")
    make_pool(make_rep())
    handoff = make_handoff(email="ada@ek.example")
    reject_handoff(
        handoff_id=handoff.pk, reason_code="bad_timing", by=owner_of(handoff), at=MONDAY_9AM
    )
    make_owner("rep@ours.example")

    result = run_import(file, HUBSPOT, "--historical")

    lead = Lead.objects.get()
    assert result == (0, summary(lines=1, already_imported=1))
    assert (lead.is_historical, lead.owner) == (True, None)


def test_user_wins_over_an_imported_one_of_the_same_name(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + CAT.replace("gone@ours.example", "Charlie"))
    run_import(file, HUBSPOT, "--historical")
    former = Lead.objects.get().owner
    assert former is not None
    charlie = make_rep(name="Charlie")
    later = ADA.replace("rep@ours.example", "charlie") + CAT.replace(
        "3,Cat,Roy,cat@roy", "4,Dan,Roy,dan@roy"
    ).replace("gone@ours.example", "CHARLIE")

    result = run_import(make_file(tmp_path, HEADER + later), HUBSPOT, "--historical")

    assert (former.external_id, result) == ("Charlie", (0, summary(lines=2, new=2)))
    owners = Lead.objects.exclude(owner=former).values_list("owner", flat=True)
    assert list(owners) == [charlie.pk] * 2


def test_name_of_two_users_is_ambiguous_and_no_third_is_made(tmp_path: Path) -> None:
    make_rep(name="Charlie")
    make_rep(name="Charlie")
    file = make_file(tmp_path, HEADER + CAT.replace("gone@ours.example", "Charlie"))

    _, result = run_in_detail(file, HUBSPOT, "--historical")

    assert [row["reason"] for row in result["details"]["reasons"]] == [
        "owner: Several users are called “Charlie”. Use their email addresses."
    ]
    assert not User.objects.filter(email__endswith="@imported.invalid").exists()


def test_users_are_read_once_for_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_owner("rep@ours.example")
    run_import(make_file(tmp_path, HEADER + ADA), HUBSPOT, "--historical")
    attempts: list[StoredLines] = []

    def fail_once(self: TouchImport, *args: Any) -> StoredLines:
        stored = receive(self, *args)
        attempts.append(stored)
        if len(attempts) == 1:
            raise IntegrityError
        return stored

    receive = TouchImport._receive
    monkeypatch.setattr(TouchImport, "_receive", transaction.atomic(fail_once))
    file = make_file(tmp_path, HEADER + ADA.replace("Ada", "Ida") + BEN + CAT)

    with CaptureQueriesContext(connection) as captured:
        result = run_import(file, HUBSPOT, "--historical")

    assert result == (0, summary(lines=3, new=2, updated=1))
    reads = [query["sql"] for query in captured if "may_answer" in query["sql"]]
    assert (len(reads), "password" in reads[0], len(attempts)) == (1, False, 4)
    assert User.objects.filter(external_id="gone@ours.example").count() == 1


def test_history_fields_require_historical(tmp_path: Path) -> None:
    assert run_import(make_file(tmp_path, HEADER + ADA), HUBSPOT) == (
        2,
        {
            "error": "Stages, reasons, owners and amounts are history. "
            "Import them with --historical."
        },
    )


MOVES = """
what = "moves"
system = "crm"
[fields]
external_id = "id"
occurred_at = "date"
stage = "stage"
owner = "owner"
amount = "amount"
reason = "why"
[values.stage]
"Closed Won" = "won"
"Closed Lost" = "lost"
"Negotiation" = "opportunity"
[constants]
currency = "USD"
"""


def test_moves_have_stage_owner_amount_and_reason_per_line(tmp_path: Path) -> None:
    rep = make_rep(name="Rita Rep")
    leads = "id,date\n" + "".join(f"{name},2025-01-01\n" for name in "abcd")
    plan = 'system = "crm"\nas_stage = "sql"\n[fields]\nexternal_id = "id"\noccurred_at = "date"'
    run_import(make_file(tmp_path, leads), plan, "--historical")
    deals = (
        "id,date,stage,owner,amount,why\n"
        "a,2025-02-01,closed won,Rita Rep,$100,\n"
        "b,2025-02-01,Closed Lost,Olaf Old,50,price\n"
        "c,2025-02-01,Negotiation,Olaf Old,,\n"
        "d,2025-02-01,Perhaps,Rita Rep,,\n"
    )

    code, result = run_import(make_file(tmp_path, deals, "deals.csv"), MOVES, "--historical")

    olaf = User.objects.get(name="Olaf Old")
    assert (code, result["moved"], result["incomplete"], result["rejected"]) == (3, 3, 1, 1)
    assert list(
        Lead.objects.order_by("pk").values_list("stage", "owner", "amount", "currency")
    ) == [
        ("won", rep.pk, Decimal(100), "USD"),
        ("lost", olaf.pk, Decimal(50), "USD"),
        ("opportunity", None, None, ""),
        ("sql", None, None, ""),
    ]
    assert LeadEvent.objects.get(to_stage="lost").payload["reason"] == "price"


def test_moves_of_one_lead_follow_each_other(tmp_path: Path) -> None:
    plan = 'system = "crm"\n[fields]\nexternal_id = "id"\noccurred_at = "date"'
    run_import(make_file(tmp_path, "id,date\na,2025-01-01\n"), plan, "--historical")
    deals = (
        "id,date,stage,owner,amount,why\n"
        "a,2025-02-01,sql,,,\na,2025-02-03,Negotiation,,,\na,2025-02-02,mql,,,\n"
        "a,2025-03-01,Closed won,,,\n"
    )

    code, result = run_import(make_file(tmp_path, deals, "deals.csv"), MOVES, "--historical")

    assert (code, result["moved"], result["rejected"]) == (3, 3, 1)
    assert told(Lead.objects.get()) == [
        ("engaged", "2025-01-01", ""),
        ("sql", "2025-02-01", ""),
        ("opportunity", "2025-02-03", ""),
        ("won", "2025-03-01", ""),
    ]
