"""Case I12: stages with their dates, reasons and amounts of each line of an export."""

from decimal import Decimal
from pathlib import Path

import pytest

from intake.imports.line_history import read_amount
from leads.models import Lead, LeadEvent, Touch
from leads.normalization.values import BadValue
from tests.intake.factories import told
from tests.intake.files import make_file, run_import

pytestmark = pytest.mark.django_db

DATED = """
[fields]
email = "mail"
occurred_at = "created"
stage = "stage"
reason = "reason"
amount = "amount"
currency = "currency"
[stage_dates]
mql = "mql"
sql = "sql"
won = "closed"
lost = "closed"
[values.reason]
"No money" = "no_budget"
"Went elsewhere" = "competitor"
"*" = ""
"""
DATED_HEADER = "mail,created,stage,reason,amount,currency,mql,sql,closed\n"


def import_dated(folder: Path, lines: str) -> tuple[int, dict[str, object]]:
    return run_import(make_file(folder, DATED_HEADER + lines), DATED, "--historical")


def test_stages_are_told_in_the_order_of_their_dates(tmp_path: Path) -> None:
    line = 'a@b.example,2025-01-01,won,,"1.200,50",eur,2025-01-05,2025-02-01,2025-03-01\n'

    assert import_dated(tmp_path, line)[0] == 0

    lead = Lead.objects.get()
    assert told(lead) == [
        ("mql", "2025-01-05", ""),
        ("sql", "2025-02-01", ""),
        ("won", "2025-03-01", ""),
    ]
    assert (lead.amount, lead.currency) == (Decimal("1200.50"), "EUR")
    won = LeadEvent.objects.get(to_stage="won")
    assert (won.payload["amount"], won.payload["currency"]) == ("1200.50", "EUR")


def test_line_without_a_stage_has_the_one_it_reached_last(tmp_path: Path) -> None:
    import_dated(tmp_path, "a@b.example,2025-01-01,,,,,2025-01-05,2025-02-01,\n")

    assert told(Lead.objects.get()) == [("mql", "2025-01-05", ""), ("sql", "2025-02-01", "")]


def test_date_of_won_and_lost_closes_no_lead_without_stage(tmp_path: Path) -> None:
    line = "a@b.example,2025-01-01,,,,,2025-01-05,2025-02-01,2025-03-01\n"

    code, result = import_dated(tmp_path, line)

    assert (code, result["incomplete"]) == (3, 1)
    assert told(Lead.objects.get()) == [("mql", "2025-01-05", ""), ("sql", "2025-02-01", "")]
    (value,) = Touch.objects.get().set_aside
    assert value["field"] == "stage"
    assert value["reason"] == (
        "“Won” and “Lost” have the same date, so it does not say which applies."
    )


def test_loss_reason_says_which_of_the_two_the_shared_date_is_of(tmp_path: Path) -> None:
    line = "a@b.example,2025-01-01,,Went elsewhere,,,,2025-02-01,2025-03-01\n"

    assert import_dated(tmp_path, line)[0] == 0
    assert told(Lead.objects.get()) == [
        ("sql", "2025-02-01", ""),
        ("lost", "2025-03-01", "competitor"),
    ]


def test_own_date_of_won_closes_a_lead_without_a_stage(tmp_path: Path) -> None:
    plan = DATED.replace('lost = "closed"', "")
    file = make_file(tmp_path, DATED_HEADER + "a@b.example,2025-01-01,,,,,,,2025-03-01\n")

    assert run_import(file, plan, "--historical")[0] == 0
    assert told(Lead.objects.get()) == [("won", "2025-03-01", "")]


@pytest.mark.parametrize(("stage", "code"), [("Discovery", 0), ("odd", 3)])
def test_dates_do_not_close_a_lead_whose_stage_has_no_meaning(
    tmp_path: Path, stage: str, code: int
) -> None:
    meanings = '[values.stage]\n"Discovery" = ""\n'
    line = f"a@b.example,2025-01-10,{stage},,,,2025-02-01,,2025-03-01\n"
    file = make_file(tmp_path, DATED_HEADER + line)

    assert run_import(file, DATED + meanings, "--historical")[0] == code
    assert told(Lead.objects.get()) == [("mql", "2025-02-01", "")]


def test_loss_reason_closes_a_lead_whose_stage_has_no_meaning(tmp_path: Path) -> None:
    import_dated(tmp_path, "a@b.example,2025-01-10,odd,Went elsewhere,,,2025-02-01,,2025-03-01\n")

    assert told(Lead.objects.get()) == [
        ("mql", "2025-02-01", ""),
        ("lost", "2025-03-01", "competitor"),
    ]


def test_date_before_the_one_it_follows_is_set_aside(tmp_path: Path) -> None:
    line = "a@b.example,2025-01-10,sql,,,,2025-02-01,2025-01-20,\n"

    code, result = import_dated(tmp_path, line)

    assert (code, result["incomplete"]) == (3, 1)
    assert told(Lead.objects.get()) == [("mql", "2025-02-01", ""), ("sql", "2025-02-01", "")]
    assert Touch.objects.get().set_aside[0]["field"] == "stage_dates.sql"


def test_planned_date_of_a_later_stage_is_ignored(tmp_path: Path) -> None:
    code, _ = import_dated(tmp_path, "a@b.example,2025-01-10,sql,,,,,2025-02-01,2999-01-01\n")

    assert (code, told(Lead.objects.get())) == (0, [("sql", "2025-02-01", "")])


def test_date_in_the_future_is_set_aside(tmp_path: Path) -> None:
    code, _ = import_dated(tmp_path, "a@b.example,2025-01-10,mql,,,,2999-02-01,,\n")

    assert (code, told(Lead.objects.get())) == (3, [("mql", "2025-01-10", "")])


@pytest.mark.parametrize(
    ("stage", "reason", "moves"),
    [
        ("mql", "no money", [("mql", ""), ("nurture", "no_budget")]),
        ("", "no money", [("engaged", ""), ("nurture", "no_budget")]),
        ("disqualified", "not_icp", [("disqualified", "not_icp")]),
        ("lost", "went elsewhere", [("lost", "competitor")]),
        ("sql", "went elsewhere", [("sql", ""), ("lost", "competitor")]),
        ("sql", "Ringing", [("sql", "")]),
        ("lost", "", [("lost", "")]),
    ],
)
def test_reason_leads_to_the_stage_of_its_route(
    tmp_path: Path, stage: str, reason: str, moves: list[tuple[str, str]]
) -> None:
    plan_line = f"a@b.example,2025-01-01,{stage},{reason},,,,,\n"
    plan = DATED.replace('"*" = ""', '"not_icp" = "not_icp"\n"*" = ""')

    code, _ = run_import(make_file(tmp_path, DATED_HEADER + plan_line), plan, "--historical")

    lead = Lead.objects.get()
    assert (code, [(stage, reason) for stage, _, reason in told(lead)]) == (0, moves)


@pytest.mark.parametrize(
    ("stage", "reason", "field"),
    [("won", "No money", "reason"), ("lost", "No money", "reason")],
)
def test_reason_that_does_not_fit_the_stage_is_set_aside(
    tmp_path: Path, stage: str, reason: str, field: str
) -> None:
    code, _ = import_dated(tmp_path, f"a@b.example,2025-01-01,{stage},{reason},,,,,\n")

    assert (code, Lead.objects.get().stage) == (3, stage)
    assert [value["field"] for value in Touch.objects.get().set_aside] == [field]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", ("1200.00", "")),
        ("1,200.5", ("1200.50", "")),
        ("1.200,50 €", ("1200.50", "€")),
        ("1.200", ("1200.00", "")),
        ("12,5", ("12.50", "")),
        ("$ 1 200 000", ("1200000.00", "$")),
        ("CHF 1'200.00", ("1200.00", "CHF")),
    ],
)
def test_amount_is_read_as_people_write_it(text: str, value: tuple[str, str]) -> None:
    amount, sign = read_amount(text)

    assert (str(amount), sign) == value


@pytest.mark.parametrize("text", ["", "-5", "a lot", "9" * 14, "1.2.3,4,5x6"])
def test_text_without_an_amount_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_amount(text)


def test_amount_needs_a_currency(tmp_path: Path) -> None:
    code, _ = import_dated(tmp_path, "a@b.example,2025-01-01,won,,100,,,,\n")

    lead = Lead.objects.get()
    assert (code, lead.stage, lead.amount) == (3, "won", None)
