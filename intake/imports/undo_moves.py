"""Take back an import of moves: each lead is again as it was before.

The events of the moves stay in the log, and the one that takes them back follows them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from core.unit_of_work import UnitOfWork
from handoff.lead_state import lock_contact_and_lead
from intake.models import ImportedLine, ImportRun
from leads import lifecycle
from leads.event_log import record
from leads.events import ImportUndone
from leads.models import EventKind, Lead, LeadEvent

TOUCHES: Final = (EventKind.TOUCHED, EventKind.OPENED_EARLIER, EventKind.NEW_REQUEST)
# They change nothing of what a move changed.
HARMLESS: Final = (
    EventKind.VIEWED,
    EventKind.SCORED,
    EventKind.NOTED,
    EventKind.IMPORT_UNDONE,
    EventKind.ANSWER_UNDONE,
)


def columns_of(lead: Lead) -> dict[str, Any]:
    """Return what a move may change."""
    return {name: getattr(lead, name) for name in lifecycle.COLUMNS_OF_MOVES}


@transaction.atomic
def undo_moves(run: ImportRun, lead_id: int, *, at: datetime) -> str:
    """Restore the lead; return why it stays as it is, or "" if it was restored."""
    _, lead = lock_contact_and_lead(lead_id)
    lines = list(ImportedLine.objects.filter(run=run, lead=lead))
    if not lines:
        return ""  # another undo was faster
    event_ids = sorted(event_id for line in lines for event_id in line.events or ())
    if reason := why_left(lead, lines, event_ids):
        return reason
    first = min(lines, key=lambda line: line.events or [])
    work = UnitOfWork()
    lifecycle.restore(work, lead=lead, columns=first.before or {})
    undone = ImportUndone(run=run.pk, touches=[], taken_back=event_ids)
    record(work, lead.pk, undone, at=at)
    work.write()
    ImportedLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    return ""


def why_left(lead: Lead, lines: Sequence[ImportedLine], event_ids: Collection[int]) -> str:
    if any(line.events is None or line.before is None for line in lines):
        return "an earlier version moved it, which did not keep how it was before"
    undone = undone_touches(lead)
    later = LeadEvent.objects.counted().filter(lead=lead, pk__gt=min(event_ids))
    since = [
        event
        for event in later.exclude(pk__in=event_ids).exclude(kind__in=HARMLESS).order_by("pk")
        if event.payload.get("touch") not in undone
    ]
    if any(event.payload.get("why") == "import" for event in since):
        return "another import moved it since"
    if any(event.kind in TOUCHES for event in since):
        return "it was touched since"
    if since:
        return "it was answered or edited since"
    others = Lead.objects.open().filter(contact=lead.contact_id).exclude(pk=lead.pk)
    if not lead.is_open and others.exists():
        return "its contact has a newer open lead"
    return ""


def undone_touches(lead: Lead) -> set[int]:
    undone = LeadEvent.objects.filter(lead=lead, kind=EventKind.IMPORT_UNDONE)
    return {
        touch
        for payload in undone.values_list("payload", flat=True)
        for touch in payload["touches"]
    }
