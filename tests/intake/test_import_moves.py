from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.models import ImportedLine
from leads.models import Lead, LeadEvent
from people.models import User
from people.roles import Role
from reporting.invariants import CHECKS
from tests.factories import make_handoff, make_lead, make_pool, make_rep
from tests.intake.factories import rows_written
from tests.intake.files import make_file, run_import, summary

pytestmark = pytest.mark.django_db

LEADS = """
system = "crm"
as_stage = "mql"
[fields]
external_id = "id"
occurred_at = "date"
"""
DEALS = """
system = "crm"
what = "moves"
to = "won"
[fields]
external_id = "id"
occurred_at = "won"
[people.qualified_by]
column = "sdr"
stage = "sql"
name = "SDR"
[people.closed_by]
column = "ae"
stage = "won"
name = "AE"
is_owner = true
"""
WON_AT = datetime(2018, 3, 1, 12, tzinfo=UTC)
DEAL = "a1,2018-03-01 12:00,sdr-1,ae-1\n"
HEADER = "id,won,sdr,ae\n"


def import_leads(folder: Path, *external_ids: str) -> None:
    lines = "".join(f"{external_id},2018-02-01\n" for external_id in external_ids)
    assert run_import(make_file(folder, "id,date\n" + lines), LEADS, "--historical")[0] == 0


def import_deals(folder: Path, lines: str, *options: str) -> tuple[int, dict[str, object]]:
    file = make_file(folder, HEADER + lines, "deals.csv")
    return run_import(file, DEALS, "--historical", *options)


def test_users_are_read_once_for_the_rounds_of_a_batch(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    plan = DEALS.replace('to = "won"\n', "").replace("[fields]", '[fields]\nstage = "to"', 1)
    lines = "a1,2018-03-01 12:00,sdr-1,,sql\na1,2018-03-02 12:00,sdr-1,ae-1,won\n"
    file = make_file(tmp_path, HEADER.replace("ae", "ae,to") + lines, "deals.csv")

    with CaptureQueriesContext(connection) as captured:
        assert run_import(file, plan, "--historical") == (0, summary(lines=2, moved=2))

    assert sum("may_answer" in query["sql"] for query in captured) == 1
    assert Lead.objects.get().owner == User.objects.get(external_id="ae-1")


def test_deal_moves_its_lead_with_qualifier_and_closer(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1", "a2")

    result = import_deals(tmp_path, DEAL)

    lead = Lead.objects.get(contact__external_ids__value="a1")
    sdr, ae = User.objects.get(external_id="sdr-1"), User.objects.get(external_id="ae-1")
    assert result == (0, summary(lines=1, moved=1))
    assert (lead.stage, lead.closed_at, lead.owner, lead.queue) == ("won", WON_AT, ae, None)
    assert list(
        LeadEvent.objects.filter(lead=lead, occurred_at=WON_AT)
        .order_by("pk")
        .values_list("kind", "from_stage", "to_stage", "actor")
    ) == [
        ("stage_changed", "mql", "sql", sdr.pk),
        ("owner_changed", "", "", None),
        ("stage_changed", "sql", "won", ae.pk),
    ]
    assert Lead.objects.get(contact__external_ids__value="a2").stage == "mql"


def test_imported_users_cannot_sign_in(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")

    import_deals(tmp_path, DEAL)

    user = User.objects.get(external_id="sdr-1")
    assert (user.name, user.is_active, user.has_usable_password()) == ("SDR sdr-1", False, False)
    assert user.roles == {Role.REP}


def test_reimporting_deals_is_a_no_op(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    import_deals(tmp_path, DEAL)
    before = rows_written()

    assert import_deals(tmp_path, DEAL) == (0, summary(lines=1, already_imported=1))
    assert (rows_written(), User.objects.filter(is_active=False).count()) == (before, 2)


def test_dry_run_of_deals_writes_nothing(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    before = rows_written()

    result = import_deals(tmp_path, DEAL + DEAL.replace("a1", "zz"), "--dry-run")

    assert result == (3, summary(lines=2, moved=1, rejected=1) | {"dry_run": True})
    assert (rows_written(), User.objects.count()) == (before, 0)


def test_deal_without_people_moves_the_lead(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")

    import_deals(tmp_path, "a1,2018-03-01,,\n")

    lead = Lead.objects.get()
    won = LeadEvent.objects.get(to_stage="won")
    assert (lead.stage, lead.owner) == ("won", None)
    assert (won.from_stage, won.actor) == ("mql", None)


def test_deals_without_a_movable_lead_are_rejected_with_reasons(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    live = make_lead(external_id="live", system="crm")
    lost = DEALS.replace('= "won"\n[fields]', '= "lost"\n[fields]').replace(
        'stage = "won"', 'stage = "lost"'
    )
    run_import(make_file(tmp_path, HEADER + DEAL, "lost.csv"), lost, "--historical")

    code, result = import_deals(
        tmp_path,
        "zz,2018-03-01,,\nlive,2018-03-01,,\n,2018-03-01,,\na1,2018-13-01,,\n" + DEAL,
    )

    rejects = Path(str(result["rejects"])).read_text(encoding="utf-8").splitlines()
    assert (code, result["rejected"]) == (3, 5)
    assert [line.split(",")[1].strip('"') for line in rejects[1:]] == [
        "There is no lead with the external id “zz” in the system crm.",
        f"Lead {live.pk} is live here. Its history is not imported.",
        "external_id: Required to find the lead.",
        "occurred_at: “2018-13-01” does not match a date format in the map (ISO 8601).",
        f"Lead {Lead.objects.get(stage='lost').pk} is closed as “Lost”.",
    ]


def test_import_does_not_reverse_a_won_deal(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    import_deals(tmp_path, DEAL)
    lead = Lead.objects.get()

    lost = DEALS.replace('= "won"\n[fields]', '= "lost"\n[fields]').replace(
        'stage = "won"', 'stage = "lost"'
    )
    code, result = run_import(make_file(tmp_path, HEADER + DEAL, "lost.csv"), lost, "--historical")

    rejects = Path(str(result["rejects"])).read_text(encoding="utf-8").splitlines()
    assert (code, result["rejected"], Lead.objects.get().stage) == (3, 1, "won")
    assert [line.split(",")[1].strip('"') for line in rejects[1:]] == [
        f"Lead {lead.pk} is closed as “Won”. A won deal is reversed on its page."
    ]


def test_imported_history_violates_no_invariant_without_teams(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")

    assert {name: list(check(WON_AT)) for name, check in CHECKS.items()} == dict.fromkeys(
        CHECKS, []
    )


def test_lead_offered_again_is_not_closed_by_history(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    make_pool(make_rep())
    offered = make_handoff(external_id="a1", system="crm")

    code, result = import_deals(tmp_path, DEAL)

    lead = Lead.objects.get()
    assert (code, result["rejected"], result["moved"]) == (3, 1, 0)
    assert (lead.pk, lead.stage) == (offered.lead_id, "mql")
    assert "is live here" in Path(str(result["rejects"])).read_text(encoding="utf-8")


def test_moves_find_leads_by_the_ids_of_their_system(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    make_lead(external_id="a1")

    shop = DEALS.replace("crm", "shop")
    refused = run_import(make_file(tmp_path, HEADER + DEAL, "deals.csv"), shop, "--historical")
    moved = run_import(
        make_file(tmp_path, HEADER + DEAL, "deals.csv"), DEALS.replace("crm", "CRM"), "--historical"
    )

    message = (
        "No leads have ids of the source system “shop”. Name the system that brought them, "
        'such as system = "crm". Known: crm, unnamed.'
    )
    assert (refused, moved) == ((2, {"error": message}), (0, summary(lines=1, moved=1)))
    won = Lead.objects.get(stage="won")
    assert [str(known) for known in won.contact.external_ids.all()] == ["crm:a1"]


def test_stage_moves_require_historical(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + DEAL, "deals.csv")

    assert run_import(file, DEALS) == (
        2,
        {"error": "Stage moves are history. Import them with --historical."},
    )


def test_first_of_two_moves_of_a_lead_wins(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1", "a2")
    later = DEAL.replace("2018-03", "2018-04")

    result = import_deals(tmp_path, DEAL + later + DEAL.replace("a1", "a2"))

    assert result == (0, summary(lines=3, moved=2, already_imported=1))
    assert Lead.objects.get(contact__external_ids__value="a1").closed_at == WON_AT
    assert LeadEvent.objects.filter(to_stage="won").count() == 2


def test_line_that_the_database_rejects_does_not_stop_the_others(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1", "a2")
    plan = DEALS.replace('name = "AE"', f'name = "{"A" * 150}"')
    file = make_file(tmp_path, HEADER + DEAL + "a2,2018-03-01,,\n", "deals.csv")

    code, result = run_import(file, plan, "--historical")

    rejects = Path(str(result["rejects"])).read_text(encoding="utf-8").splitlines()
    assert (code, result["moved"], result["rejected"]) == (3, 1, 1)
    assert rejects[1].startswith("2,Refused: value too long")
    assert dict(Lead.objects.values_list("contact__external_ids__value", "stage")) == {
        "a1": "mql",
        "a2": "won",
    }
    assert User.objects.count() == 0


@pytest.mark.parametrize("won_at", ["2018-01-31 12:00", "2017-05-01"])
def test_move_before_the_lead_was_opened_is_rejected(tmp_path: Path, won_at: str) -> None:
    import_leads(tmp_path, "a1")
    lead = Lead.objects.get()

    code, result = import_deals(tmp_path, f"a1,{won_at},sdr-1,ae-1\n")

    assert (code, result["moved"], result["rejected"]) == (3, 0, 1)
    reasons = Path(str(result["rejects"])).read_text(encoding="utf-8")
    assert f"Lead {lead.pk} became “Marketing qualified” only on Feb 1, 2018." in reasons
    lead.refresh_from_db()
    assert (lead.stage, lead.closed_at) == ("mql", None)


def test_move_on_the_day_of_the_last_stage_follows_it(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    Lead.objects.update(stage_entered_at=datetime(2018, 2, 1, 9, 30, tzinfo=UTC))

    import_deals(tmp_path, "a1,2018-02-01,sdr-1,ae-1\n")

    lead = Lead.objects.get()
    assert (lead.stage, lead.closed_at) == ("won", datetime(2018, 2, 1, 9, 30, tzinfo=UTC))


@pytest.mark.parametrize("can_work", [True, False])
def test_open_lead_goes_only_to_an_owner_who_can_work_it(tmp_path: Path, can_work: bool) -> None:
    import_leads(tmp_path, "a1")
    holder = Lead.objects.get().queue
    rep = make_rep(external_id="ae-1", is_active=can_work)
    open_map = DEALS.replace('"won"', '"opportunity"').replace(
        'occurred_at = "opportunity"', 'occurred_at = "won"'
    )

    run_import(make_file(tmp_path, HEADER + DEAL, "deals.csv"), open_map, "--historical")

    lead = Lead.objects.get()
    assert lead.stage == "opportunity"
    assert (lead.owner, lead.queue) == ((rep, None) if can_work else (None, holder))


OPEN = DEALS.replace('"won"', '"opportunity"').replace(
    'occurred_at = "opportunity"', 'occurred_at = "won"'
)
OWNED = """
system = "crm"
what = "moves"
to = "opportunity"
[fields]
external_id = "id"
occurred_at = "won"
owner = "ae"
"""


@pytest.mark.parametrize("plan", [OPEN, OWNED])
def test_rerun_completes_an_owner_who_was_unknown(tmp_path: Path, plan: str) -> None:
    import_leads(tmp_path, "a1", "a2")
    file = make_file(tmp_path, HEADER + DEAL, "deals.csv")
    run_import(file, plan, "--historical")
    assert Lead.objects.exclude(owner=None).count() == 0
    rep = User.objects.filter(external_id="ae-1").first() or make_rep(external_id="ae-1")
    rep.is_active = True
    rep.save()

    assert run_import(file, plan, "--historical") == (0, summary(lines=1, updated=1))
    assert run_import(file, plan, "--historical") == (0, summary(lines=1, already_imported=1))

    lead = Lead.objects.get(contact__external_ids__value="a1")
    assert (lead.owner, lead.stage) == (rep, "opportunity")
    assert set(ImportedLine.objects.get(lead=lead).events or ()) == set(
        LeadEvent.objects.filter(lead=lead, pk__gte=first_event_of_move(lead)).values_list(
            "pk", flat=True
        )
    )


def first_event_of_move(lead: Lead) -> int:
    return LeadEvent.objects.filter(lead=lead, occurred_at=WON_AT).earliest("pk").pk


def test_rerun_gives_no_owner_to_a_lead_that_is_offered_here(tmp_path: Path) -> None:
    import_leads(tmp_path, "a1")
    file = make_file(tmp_path, HEADER + DEAL, "deals.csv")
    run_import(file, OWNED, "--historical")
    make_rep(external_id="ae-1")
    Lead.objects.update(is_historical=False)

    assert run_import(file, OWNED, "--historical") == (0, summary(lines=1, already_imported=1))
    assert Lead.objects.get().owner is None
