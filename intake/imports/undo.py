"""Take an import back: what it added no longer counts.

Touches and events are never deleted. A lead that the run opened is closed and leaves the reports; a
touch that it added to another lead leaves the counts and the score of that lead; a lead that it
moved is again as it was (`undo_moves`). What was answered, edited or touched since stays, and is
listed. The lines are forgotten, so that the file can be imported again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Coalesce

from core.errors import Refused
from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.intake_run import IntakeRun
from handoff.lead_state import lock_contact_and_lead, lock_lead_state
from handoff.models import Handoff
from handoff.offers import withdraw
from handoff.rescoring import score_lead
from handoff.sla.clocks import running_clocks
from intake.imports.undo_moves import undo_moves
from intake.models import ImportedLine, ImportRun
from leads import lifecycle
from leads.event_log import record
from leads.events import ImportUndone
from leads.models import EventKind, Lead, LeadEvent, Touch
from leads.signals import signals_of
from leads.stages import Stage
from leads.undone import without_undone

WHY: Final = "import_undone"
# Events that no person answers or edits with.
READING: Final = (
    EventKind.OPENED,
    EventKind.OPENED_EARLIER,
    EventKind.TOUCHED,
    EventKind.VIEWED,
    EventKind.ANSWER_UNDONE,
)


class NoSuchRun(Refused):
    code = "no_such_run"


@dataclass(frozen=True)
class LeadUndone:
    """The outcome for one lead; `left` is the reason why it stays as it is."""

    is_closed: bool = False
    is_restored: bool = False
    left: str = ""


@dataclass
class UndoResult:
    """`left` has the reason why a lead stays as it is, by its id."""

    run: ImportRun
    closed: int = 0
    reduced: int = 0
    restored: int = 0
    left: dict[int, str] = field(default_factory=dict)
    moved: bool = False
    was_undone: bool = False

    def add(self, lead_id: int, undone: LeadUndone) -> None:
        if undone.left:
            self.left[lead_id] = undone.left
        elif undone.is_closed:
            self.closed += 1
        elif undone.is_restored:
            self.restored += 1
        else:
            self.reduced += 1


def undo_run(run_id: int, *, at: datetime) -> UndoResult:
    """Take back what the run wrote, lead by lead; a second call continues where one ended."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NoSuchRun(f"There is no run {run_id}. List the runs with --runs.")
    if run.undone_at is not None:
        return UndoResult(run, was_undone=True)
    result = UndoResult(run)
    for lead_id in list(lead_ids_of(run)):
        result.add(lead_id, with_retries(partial(undo_lead, run, lead_id, at=at)))
    for lead_id in moved_lead_ids(run):
        result.moved = True
        left = with_retries(partial(undo_moves, run, lead_id, at=at))
        result.add(lead_id, LeadUndone(is_restored=not left, left=left))
    ImportRun.objects.filter(pk=run.pk).update(undone_at=at)
    run.undone_at = at
    return result


def lead_ids_of(run: ImportRun) -> Iterator[int]:
    added = ImportedLine.objects.filter(run=run, touch__isnull=False)
    yield from added.order_by().values_list("touch__lead", flat=True).distinct()


def moved_lead_ids(run: ImportRun) -> list[int]:
    moves = ImportedLine.objects.filter(run=run, lead__isnull=False).order_by("lead")
    return list(moves.values_list("lead", flat=True).distinct())


def counts_of(runs: Sequence[ImportRun]) -> dict[int, tuple[int, int]]:
    """Return the lines of each run that are not taken back, and how many leads they are of."""
    lines = ImportedLine.objects.filter(run__in=runs).order_by().values("run")
    leads = Count(Coalesce("lead", "touch__lead"), distinct=True)
    rows = lines.annotate(lines=Count("pk"), leads=leads).values_list("run", "lines", "leads")
    return {run: (line_count, lead_count) for run, line_count, lead_count in rows}


@transaction.atomic
def undo_lead(run: ImportRun, lead_id: int, *, at: datetime) -> LeadUndone:
    _, lead = lock_contact_and_lead(lead_id)
    lines = ImportedLine.objects.filter(run=run, touch__lead=lead)
    touch_ids = set(lines.values_list("touch", flat=True))
    remaining = remaining_touches(lead, touch_ids)
    if reason := why_left(lead, touch_ids, remaining):
        return LeadUndone(left=reason)
    work = UnitOfWork()
    if remaining:
        reduce(lead, remaining, at=at)
    else:
        close(work, lead, at=at)
    undone = ImportUndone(run=run.pk, touches=sorted(touch_ids), is_whole=not remaining)
    record(work, lead.pk, undone, at=at)
    work.write()
    lines.delete()
    return LeadUndone(is_closed=not remaining)


def remaining_touches(lead: Lead, touch_ids: Collection[int]) -> list[Touch]:
    """Return the touches of the lead that count without the run."""
    touches = without_undone(lead.touches.exclude(pk__in=touch_ids))
    return list(touches.select_related("lead_type", "campaign").order_by("occurred_at", "pk"))


def why_left(lead: Lead, touch_ids: Collection[int], remaining: list[Touch]) -> str:
    """Return why a lead stays; empty if what the run did to it can be taken back."""
    if ImportedLine.objects.filter(lead=lead).exists():
        return "an import of moves moved it since"
    events = LeadEvent.objects.counted().filter(lead=lead)
    first = lead.touches.filter(pk__in=touch_ids).order_by("recorded_at").first()
    assert first is not None, "the run added a touch"
    by_people = events.exclude(actor=None).exclude(kind__in=READING)
    # Excluding by `payload__why` would also exclude events without this key.
    by_people = by_people.exclude(payload__contains={"why": "import"})
    if by_people.filter(recorded_at__gte=first.recorded_at).exists():
        return "it was answered or edited since"
    if not remaining:
        return ""
    if lead.first_touch_id in touch_ids:
        return "its first touch came with this import, and it has others"
    if events.filter(kind=EventKind.OFFERED, occurred_at__gte=first.recorded_at).exists():
        return "it was offered to sales since"
    return ""


def close(work: UnitOfWork, lead: Lead, *, at: datetime) -> None:
    handoffs = Handoff.objects.open().select_for_update(of=("self",), no_key=True)
    for handoff in handoffs.filter(lead=lead).order_by():
        withdraw(work, handoff, running_clocks([handoff.pk]), cause=WHY, by_id=None, at=at)
    if lead.is_open:
        lifecycle.move(work, lead=lead, to=Stage.DISQUALIFIED, at=at, why=WHY, skipping=True)
    work.set(lead, undone_at=at)


def reduce(lead: Lead, remaining: list[Touch], *, at: datetime) -> None:
    """Count the lead by its other touches only, and score it again if it is worked here."""
    counted = [touch for touch in remaining if not touch.is_repeat]
    state = lock_lead_state(lead.pk)
    run = IntakeRun.on_leads([lead.pk], at=at)
    run.work.set(
        state.lead if state and state.lead else lead,
        touch_count=len(counted),
        latest_touch_at=max(touch.occurred_at for touch in remaining),
        signals=signals_of(counted),
    )
    if state is not None and not lead.is_historical:
        assert state.lead is not None, "an open lead was locked"
        score_lead(run, state, state.lead)
    run.work.write()
