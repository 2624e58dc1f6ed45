"""N-51: an import of moves is taken back: leads and reports are as before it, to import again."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from handoff.marketing_actions import send_to_sales
from handoff.notes import add_note
from handoff.pipeline import receive
from intake.imports import undo, undo_moves
from intake.models import ImportedLine, ImportRun
from leads.context_card import edit_card
from leads.models import Contact, Lead, LeadEvent
from leads.stages import FUNNEL
from people.models import User
from people.roles import Role
from reporting.invariants import CHECKS
from reporting.models import LeadMilestones, Restatement
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.prove import find_differences
from reporting.rollups.refresh import follow_log
from tests.factories import make_person, make_pool, make_rep, make_touch
from tests.intake.files import make_file, run_import, summary
from tests.intake.test_import_moves import DEALS, import_leads
from tests.reporting.rollups import counts_of

pytestmark = pytest.mark.django_db

HEADER = "id,won,sdr,ae,to,value\n"
MOVES = DEALS.replace('to = "won"\n', "").replace(
    "[fields]", '[fields]\nstage = "to"\namount = "value"\n', 1
)
STEPS = (
    "a1,2018-03-01 12:00,sdr-1,,sql,\n"
    "a1,2018-03-05 12:00,sdr-1,ae-1,won,900 EUR\n"
    "a2,2018-03-02 12:00,sdr-1,,opportunity,\n"
)
COLUMNS = (
    *("pk", "stage", "stage_entered_at", "closed_at", "owner", "queue", "amount", "currency"),
    "wake_on",
)


def import_moves(folder: Path, lines: str = STEPS) -> tuple[int, dict[str, object]]:
    return run_import(make_file(folder, HEADER + lines, "moves.csv"), MOVES, "--historical")


def take_back() -> str:
    out = StringIO()
    run = ImportRun.objects.latest("pk").pk
    call_command("import_leads", "--undo", str(run), stdout=out)
    return out.getvalue().replace(f"Run {run} ", "Run N ")


def leads() -> list[tuple[Any, ...]]:
    return list(Lead.objects.order_by("pk").values_list(*COLUMNS))


def figures() -> tuple[list[Any], dict[str, int]]:
    follow_log(at=timezone.now())
    return list(LeadMilestones.objects.order_by("pk").values()), dict(counts_of(LEAD_ROLLUP))


def recounted() -> dict[int, dict[str, datetime]]:
    """Count from the log, in plain Python, when each lead first reached a stage or a later one."""
    undone = {
        event_id
        for payload in LeadEvent.objects.values_list("payload", flat=True)
        for event_id in payload.get("taken_back", ())
    }
    entered: dict[int, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for pk, lead, to, at in LeadEvent.objects.values_list("pk", "lead", "to_stage", "occurred_at"):
        if to and pk not in undone:
            entered[lead][to].append(at)
    return {
        lead: {
            stage.value: min(moments)
            for place, stage in enumerate(FUNNEL)
            if place
            if (moments := [at for later in FUNNEL[place:] for at in stages.get(later, ())])
        }
        for lead, stages in entered.items()
    }


def counted() -> dict[int, dict[str, datetime]]:
    rows: Any = LeadMilestones.objects.values("lead", *(f"{stage}_at" for stage in FUNNEL[1:]))
    return {
        row["lead"]: {
            stage.value: row[f"{stage}_at"]
            for stage in FUNNEL[1:]
            if row[f"{stage}_at"] is not None
        }
        for row in rows
    }


def violations() -> dict[str, list[Any]]:
    rows_by_name = {name: list(check(timezone.now())) for name, check in CHECKS.items()}
    return {name: rows for name, rows in rows_by_name.items() if rows}


@pytest.fixture
def before(tmp_path: Path) -> list[tuple[Any, ...]]:
    import_leads(tmp_path, "a1", "a2", "a3")
    return leads()


def test_leads_and_reports_are_as_before_the_import(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    published = figures()
    assert import_moves(tmp_path) == (0, summary(lines=3, moved=3))
    moved, events = leads(), LeadEvent.objects.count()
    assert [row[1] for row in moved] == ["won", "opportunity", "mql"]
    assert figures() != published
    assert counted() == recounted()

    answer = take_back()

    assert answer == (
        "Run N of moves.csv was taken back: 2 leads are as they were before, 0 left as they are.\n"
    )
    assert leads() == before
    assert figures() == published
    assert counted() == recounted()
    assert not list(find_differences(at=timezone.now()))
    assert LeadEvent.objects.count() == events + 2
    assert set(Restatement.objects.values_list("cause", flat=True)) == {"backdated", "undone"}
    assert violations() == {}


def test_file_is_imported_again_with_the_same_result(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    import_moves(tmp_path)
    moved, published = leads(), figures()
    take_back()
    assert not ImportedLine.objects.filter(lead__isnull=False).exists()

    assert import_moves(tmp_path) == (0, summary(lines=3, moved=3))

    assert (leads(), figures()) == (moved, published)
    assert counted() == recounted()
    take_back()
    assert leads() == before


def test_second_undo_is_a_no_op_in_words(tmp_path: Path, before: list[tuple[Any, ...]]) -> None:
    import_moves(tmp_path)
    take_back()
    events = LeadEvent.objects.count()

    assert take_back() == "Run N was taken back before. Nothing was changed.\n"
    assert LeadEvent.objects.count() == events


def test_undo_that_was_killed_continues(tmp_path: Path, before: list[tuple[Any, ...]]) -> None:
    import_moves(tmp_path)
    run = ImportRun.objects.latest("pk")
    first = Lead.objects.earliest("pk")
    undo_moves.undo_moves(run, first.pk, at=timezone.now())

    assert "1 lead is as it was before" in take_back()
    assert leads() == before
    assert LeadEvent.objects.filter(kind="import_undone").count() == 2


def test_only_the_run_itself_is_taken_back(tmp_path: Path, before: list[tuple[Any, ...]]) -> None:
    import_moves(tmp_path, STEPS.splitlines(keepends=True)[0])
    between, first = leads(), ImportRun.objects.latest("pk").pk
    import_moves(tmp_path, STEPS.splitlines(keepends=True)[1])

    refused = undo.undo_run(first, at=timezone.now())
    assert set(refused.left.values()) == {"another import moved it since"}
    ImportRun.objects.filter(pk=first).update(undone_at=None)
    take_back()
    assert leads() == between
    assert undo.undo_run(first, at=timezone.now()).restored == 1
    assert leads() == before


def touch_again(lead: Lead) -> None:
    contact = lead.contact
    receive(
        make_touch(email="", external_id="a2", system="crm", name=contact.name, phone=""),
        at=timezone.now(),
        via="test",
    )


def edit(lead: Lead) -> None:
    edit_card(
        lead_id=lead.pk,
        why="They called.",
        content_engaged="",
        problem_indicated="",
        messaging_received="",
        by=make_person(Role.MARKETER),
        at=timezone.now(),
    )


def offer(lead: Lead) -> None:
    make_pool(make_rep())
    Contact.objects.filter(pk=lead.contact_id).update(phone="+493055501")
    send_to_sales(
        lead_id=lead.pk, why="They called.", by=make_person(Role.MARKETER), at=timezone.now()
    )


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (touch_again, "it was touched since"),
        (edit, "it was answered or edited since"),
        (offer, "it was answered or edited since"),
    ],
)
def test_lead_that_changed_since_stays_and_is_listed(
    act: Any, reason: str, tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    import_moves(tmp_path, STEPS.replace("opportunity", "engaged" if act is offer else "nurture"))
    lead = Lead.objects.get(contact__external_ids__value="a2")
    act(lead)
    changed = [row for row in leads() if row[0] == lead.pk]

    answer = take_back()

    assert answer == (
        "Run N of moves.csv was taken back: 1 lead is as it was before, 1 left as they are.\n"
        f"Lead {lead.pk}: {reason}.\n"
    )
    assert [row for row in leads() if row[0] == lead.pk] == changed
    assert ImportedLine.objects.filter(lead=lead).count() == 1
    assert violations() == {}


def test_note_on_a_lead_does_not_keep_its_move(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    import_moves(tmp_path)
    lead = Lead.objects.get(contact__external_ids__value="a2")
    author, at = make_person(Role.MARKETER), timezone.now()
    add_note(lead=lead, text="The file is wrong.", by=author, at=at)

    assert take_back().endswith("0 left as they are.\n")
    assert leads() == before
    assert violations() == {}


def test_lead_with_a_newer_open_lead_of_its_contact_stays_closed(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    import_moves(tmp_path, STEPS.replace("opportunity", "won"))
    closed = Lead.objects.get(contact__external_ids__value="a2")
    touch_again(closed)
    assert Lead.objects.open().filter(contact=closed.contact_id).exists()

    assert f"Lead {closed.pk}: its contact has a newer open lead.\n" in take_back()
    closed.refresh_from_db()
    assert closed.stage == "won"


def test_moves_of_an_earlier_version_stay_with_the_reason(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    import_moves(tmp_path, STEPS.splitlines(keepends=True)[2])
    ImportedLine.objects.update(events=None, before=None)

    assert "an earlier version moved it" in take_back()
    assert leads() != before


def test_owner_that_a_rerun_completed_is_taken_back_with_the_run(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    lines = "a2,2018-03-02 12:00,sdr-1,ae-9,opportunity,\n"
    import_moves(tmp_path, lines)
    run = ImportRun.objects.latest("pk").pk
    User.objects.filter(external_id="ae-9").delete()
    rep = make_rep(external_id="ae-9")
    assert import_moves(tmp_path, lines) == (0, summary(lines=1, updated=1))
    assert Lead.objects.get(contact__external_ids__value="a2").owner == rep

    assert undo.undo_run(run, at=timezone.now()).restored == 1
    assert leads() == before


def test_touches_of_a_lead_are_taken_back_after_its_moves(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    created = ImportRun.objects.latest("pk").pk
    import_moves(tmp_path)
    take_back()

    assert undo.undo_run(created, at=timezone.now()).closed == 3
    follow_log(at=timezone.now())
    assert not LeadMilestones.objects.exists()
    assert violations() == {}


def test_dates_of_the_move_do_not_decide_what_is_taken_back(
    tmp_path: Path, before: list[tuple[Any, ...]]
) -> None:
    """Files with only days: moves of two runs at the same moment, of which one is taken back."""
    import_moves(tmp_path, "a1,2018-03-01,,,sql,\n")
    between = leads()
    import_moves(tmp_path, "a1,2018-03-01,,,won,\n")

    take_back()

    assert leads() == between
    assert Lead.objects.earliest("pk").stage_entered_at == datetime(2018, 3, 1, tzinfo=UTC)
