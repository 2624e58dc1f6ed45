"""A whole import is taken back: what it added no longer counts, and can be imported again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from core.invariants import Violation
from handoff.answers.reject import reject_handoff
from handoff.marketing_actions import send_to_sales
from handoff.models import Handoff, SlaClock
from handoff.pipeline import receive
from intake.imports import undo
from intake.models import ImportedLine, ImportRun
from leads.context_card import edit_card
from leads.data_quality import touches_to_repair, value_groups
from leads.models import EventKind, Lead, LeadEvent, Touch
from people.roles import Role
from reporting.invariants import CHECKS
from reporting.models import LeadMilestones, Restatement
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.refresh import follow_log
from tests.factories import make_person, make_pool, make_rep, make_touch
from tests.intake.files import ANN, BOB, HEADER, MAP, make_file, run_import, summary
from tests.reporting.rollups import counts_by_code

pytestmark = pytest.mark.django_db

LIVE = MAP.replace('occurred_at = "date"\n', "") + '[constants]\nkind = "demo_request"\n'


def take_back(run: int | None = None) -> str:
    out = StringIO()
    number = run or ImportRun.objects.latest("pk").pk
    call_command("import_leads", "--undo", str(number), stdout=out)
    return out.getvalue().replace(f"Run {number} ", "Run N ")


def leads_counted() -> tuple[int, int]:
    """Return the leads that milestones and rollups count."""
    rows = LEAD_ROLLUP.rows().filter(grain=LEAD_ROLLUP.mask(()))
    counted = sum(counts_by_code(LEAD_ROLLUP, row)["leads"] for row in rows)
    return LeadMilestones.objects.count(), counted


def violations() -> dict[str, list[Any]]:
    rows_by_name = {name: list(check(timezone.now())) for name, check in CHECKS.items()}
    return {name: rows for name, rows in rows_by_name.items() if rows}


def test_leads_of_the_run_are_closed_and_leave_the_reports(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + ANN + BOB)
    run_import(file, MAP, "--historical")
    follow_log(at=timezone.now())
    assert leads_counted() == (2, 2)

    answer = take_back()

    assert answer == (
        "Run N of leads.csv was taken back: 2 leads were closed, "
        "0 leads count without its touches, 0 left as they are.\n"
    )
    closed = Lead.objects.closed().exclude(undone_at=None)
    assert list(closed.values_list("stage", flat=True)) == ["disqualified"] * 2
    assert (Touch.objects.count(), ImportedLine.objects.count()) == (2, 0)
    follow_log(at=timezone.now())
    assert leads_counted() == (0, 0)
    assert set(Restatement.objects.values_list("cause", flat=True)) == {"undone"}
    assert violations() == {}


def test_second_undo_is_a_no_op_in_words(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN), MAP, "--historical")
    take_back()
    events = LeadEvent.objects.count()

    assert take_back() == "Run N was taken back before. Nothing was changed.\n"
    assert LeadEvent.objects.count() == events


def test_unknown_run_is_refused() -> None:
    with pytest.raises(CommandError, match=r"There is no run 7\. List the runs with --runs\."):
        call_command("import_leads", "--undo", "7")


def test_import_after_an_undo_takes_everything_again(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + ANN + BOB)
    run_import(file, MAP)
    take_back()

    assert run_import(file, MAP, "--historical") == (0, summary(lines=2, new=2))
    again = Lead.objects.filter(undone_at=None)
    assert set(again.values_list("stage", "is_historical", "predecessor")) == {
        ("engaged", True, None)
    }
    assert violations() == {}


def test_live_leads_are_withdrawn_from_sales(tmp_path: Path) -> None:
    make_pool(make_rep())
    body = "mail,first,last,source,date\nann@company.example,Ann,Lee,website,\n"
    run_import(make_file(tmp_path, body), LIVE)
    assert Handoff.objects.open().count() == 1

    take_back()

    assert set(Handoff.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert not SlaClock.objects.filter(stopped_at=None).exists()
    assert Lead.objects.get().closed_at is not None
    assert violations() == {}


def test_answered_leads_are_listed_and_left(tmp_path: Path) -> None:
    rep = make_rep()
    make_pool(rep)
    body = (
        "mail,first,last,source,date\nann@company.example,Ann,Lee,website,\nbob@firm.example,B,,,\n"
    )
    file = make_file(tmp_path, body)
    run_import(file, LIVE)
    ann = Lead.objects.get(contact__email="ann@company.example")
    reject_handoff(
        handoff_id=ann.handoffs.get().pk, reason_code="not_icp", by=rep, at=timezone.now()
    )

    answer = take_back()

    assert f"Lead {ann.pk}: it was answered or edited since.\n" in answer
    assert "1 lead was closed" in answer
    assert Lead.objects.get(pk=ann.pk).undone_at is None
    assert run_import(file, LIVE) == (0, summary(lines=2, new=1, already_imported=1))


def test_lead_whose_card_was_edited_is_left(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN), MAP)
    lead = Lead.objects.get()
    edit_card(
        lead_id=lead.pk,
        why="Met at the fair",
        content_engaged="",
        problem_indicated="",
        messaging_received="",
        by=make_person(Role.MARKETER),
        at=timezone.now(),
    )

    assert f"Lead {lead.pk}: it was answered or edited since.\n" in take_back()
    lead.refresh_from_db()
    assert (lead.undone_at, lead.closed_at) == (None, None)


def test_touch_on_another_lead_leaves_its_counts(tmp_path: Path) -> None:
    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    touch = make_touch(email="ann@company.example", kind="site_visit", lead_type="", occurred_at=at)
    receive(touch, at=at, via="form")
    before = Lead.objects.values("touch_count", "latest_touch_at", "score", "signals").get()
    run_import(make_file(tmp_path, HEADER + ANN), MAP)
    assert Lead.objects.get().touch_count == 2

    answer = take_back()

    assert "0 leads were closed, 1 lead counts without its touches" in answer
    after = Lead.objects.values("touch_count", "latest_touch_at", "score", "signals").get()
    assert (after, Lead.objects.get().closed_at) == (before, None)


def test_touch_taken_back_does_not_start_the_wait(tmp_path: Path) -> None:
    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    touch = make_touch(email="ann@company.example", kind="site_visit", lead_type="", occurred_at=at)
    lead_id = receive(touch, at=at, via="form").lead_id
    run_import(make_file(tmp_path, HEADER + ANN), MAP)
    take_back()
    make_pool(make_rep())

    send_to_sales(lead_id=lead_id, why="Fair.", by=make_rep(), at=timezone.now())

    follow_log(at=timezone.now())
    assert LeadMilestones.objects.get(lead=lead_id).requested_at == at


def test_lead_that_was_touched_since_is_left(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN), MAP)
    receive(
        make_touch(email="ann@company.example", occurred_at=timezone.now()),
        at=timezone.now(),
        via="form",
    )

    answer = take_back()

    lead = Lead.objects.get()
    assert f"Lead {lead.pk}: its first touch came with this import, and it has others.\n" in answer
    assert lead.closed_at is None


def test_undo_that_was_killed_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_import(make_file(tmp_path, HEADER + ANN + BOB), MAP, "--historical")
    run = ImportRun.objects.get()
    first, second = Lead.objects.order_by("pk")
    undo.undo_lead(run, first.pk, at=timezone.now())

    assert "1 lead was closed" in take_back()
    assert not Lead.objects.open().exists()
    assert LeadEvent.objects.filter(kind=EventKind.IMPORT_UNDONE).count() == 2


def test_lead_that_is_taken_back_at_the_second_attempt_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_import(make_file(tmp_path, HEADER + ANN), MAP, "--historical")

    def run_twice(work: Callable[[], Any]) -> Any:
        with transaction.atomic():
            work()
            transaction.set_rollback(True)
        return work()

    monkeypatch.setattr(undo, "with_retries", run_twice)

    assert "1 lead was closed, 0 leads count" in take_back()


def test_values_of_touches_taken_back_need_no_repair(tmp_path: Path) -> None:
    wrong = ANN.replace("website", "wbsite")
    earlier = wrong.replace("02.11.2026", "01.11.2026")
    run_import(make_file(tmp_path, HEADER + earlier, "earlier.csv"), MAP)
    run_import(make_file(tmp_path, HEADER + wrong + BOB.replace("Website form", "fairr")), MAP)
    counts = {group.value: group.touch_count for group in value_groups(size=9)[0]}
    assert counts == {"wbsite": 2, "fairr": 1}

    take_back()

    groups, _ = value_groups(size=9)
    assert [(group.value, group.touch_count) for group in groups] == [("wbsite", 1)]
    assert touches_to_repair("source", "wbsite").count() == 1
    assert not touches_to_repair("source", "fairr").exists()


def test_run_that_was_killed_can_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.imports.run.LIVE_BATCH_SIZE", 1)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("intake.management.commands.import_leads.Command.show_progress", stop)
    assert run_import(make_file(tmp_path, HEADER + ANN + BOB))[0] == 130
    assert ImportRun.objects.get().finished_at is None

    assert "1 lead was closed" in take_back()
    assert not Lead.objects.open().exists()


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN), MAP, "--historical")
    take_back()
    again = ANN.replace("02.11.2026", "03.11.2026")
    run_import(make_file(tmp_path, HEADER + ANN + again + BOB, "more.csv"), MAP, "--historical")
    out = StringIO()

    call_command("import_leads", "--runs", stdout=out)

    more, leads = out.getvalue().splitlines()
    assert more.endswith("fair  more.csv  3 lines, 2 leads  finished")
    assert "fair  leads.csv  0 lines, 0 leads  taken back" in leads


def test_only_a_run_that_added_something_says_how_to_take_it_back(tmp_path: Path) -> None:
    file = make_file(tmp_path, HEADER + ANN)
    map_file = make_file(tmp_path, MAP, "leads.toml")
    ends = []
    for _ in range(2):
        out = StringIO()
        call_command("import_leads", file, "--map", map_file, "--historical", stdout=out)
        run = ImportRun.objects.latest("pk").pk
        ends.append(out.getvalue().splitlines()[1].replace(str(run), "N"))

    assert ends == ["Run N. Take it back with --undo N.", "Run N."]


def many(number: int) -> str:
    return HEADER + "".join(
        f"p{n}@a.example,P{n},,website,02.11.2026 09:30\n" for n in range(number)
    )


def test_file_whose_touches_are_known_is_refused_without_a_flag(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, many(20)), MAP, "--historical")
    renamed = MAP.replace('"fair"', '"fair-2"')
    file = make_file(tmp_path, many(21), "again.csv")

    refused = run_import(file, renamed, "--historical")

    message = (
        "20 of the first 21 new lines are touches that are known already: the same contact did "
        "the same at the same time. They would be counted twice. "
        "To import them all the same, add --yes."
    )
    assert refused == (2, {"error": message})
    assert (Touch.objects.count(), ImportRun.objects.count()) == (20, 1)
    assert run_import(file, renamed, "--historical", "--yes")[0] == 0
    assert Touch.objects.count() == 41


def test_dry_run_is_refused_as_the_import_would_be_after_its_report(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, many(20)), MAP, "--historical")
    renamed = MAP.replace('"fair"', '"fair-2"')
    file = make_file(tmp_path, many(21), "again.csv")
    options = ("--map", file.with_suffix(".toml"), "--historical", "--dry-run")
    out = StringIO()
    refused = run_import(file, renamed, "--historical")

    assert run_import(file, renamed, "--historical", "--dry-run") == refused
    with pytest.raises(CommandError):
        call_command("import_leads", file, *options, stdout=out)
    assert out.getvalue().startswith("21 lines: 21 would be imported (1 new leads, 20 repeats")
    assert run_import(file, renamed, "--historical", "--dry-run", "--yes")[0] == 0
    assert Touch.objects.count() == 20


def test_file_is_imported_again_after_an_undo(tmp_path: Path) -> None:
    file = make_file(tmp_path, many(20))
    run_import(file, MAP, "--historical")
    take_back()

    assert run_import(file, MAP, "--historical") == (0, summary(lines=20, new=20))


def test_touches_taken_back_from_other_leads_are_not_known(tmp_path: Path) -> None:
    earlier = make_file(tmp_path, many(20).replace("02.11.2026", "01.11.2026"), "earlier.csv")
    run_import(earlier, MAP, "--historical")
    file = make_file(tmp_path, many(20))
    run_import(file, MAP, "--historical")
    take_back()

    assert run_import(file, MAP, "--historical") == (0, summary(lines=20, repeats=20))


def test_new_touches_of_known_contacts_are_not_asked_about(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, many(20)), MAP, "--historical")
    later = make_file(tmp_path, many(20).replace("02.11.2026 09", "02.11.2026 10"), "later.csv")

    assert run_import(later, MAP, "--historical") == (0, summary(lines=20, repeats=20))


def test_forgotten_historical_is_corrected_by_undo_and_import(tmp_path: Path) -> None:
    make_pool(make_rep())
    dated = MAP + '[constants]\nkind = "demo_request"\n'
    file = make_file(tmp_path, HEADER + ANN)
    run_import(file, dated)
    assert Handoff.objects.open().exists()

    take_back()
    assert run_import(file, dated, "--historical") == (0, summary(lines=1, new=1))

    lead = Lead.objects.get(undone_at=None)
    assert (lead.is_historical, lead.handoffs.count()) == (True, 0)
    assert not Handoff.objects.open().exists()


def test_invariant_names_a_lead_that_was_undone_in_part(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, HEADER + ANN), MAP, "--historical")
    take_back()
    lead = Lead.objects.get()
    Lead.objects.update(undone_at=None)

    assert violations() == {
        "every lead of an undone import is closed": [
            Violation(f"lead {lead.pk}", "its import was taken back, but it still counts")
        ]
    }
