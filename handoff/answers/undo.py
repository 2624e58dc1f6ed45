"""Undo an answer: the lead, its handoff and its clocks are again as they were before.

Possible for one minute, only for whoever answered, and only until something else happened. The
events of the answer stay in the log, and the one that takes them back follows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.db import models, transaction

from core.errors import Refused
from core.purging import purge
from core.unit_of_work import UnitOfWork
from handoff.clock_kinds import CLOCK_KINDS
from handoff.locking import Locked, lock_contact, lock_handoff
from handoff.models import Rejection, SlaClock, UndoableAnswer
from handoff.notices import UNDO_WITHIN, notices_asking_for_answer, notices_of_answer
from leads.event_log import number_events, record
from leads.events import AnswerUndone
from leads.models import EventKind, Lead, LeadEvent
from people.models import Membership, Notice, User
from people.notices import revive

# The answer, the move, the new owner, and one for each clock.
MAX_EVENTS: Final = 3 + len(CLOCK_KINDS)
RETENTION: Final = timedelta(days=1)


class CannotUndo(Refused):
    code = "cannot_undo"


class AlreadyUndone(CannotUndo):
    code = "already_undone"


def keep_undoable(
    work: UnitOfWork, locked: Locked, kind: EventKind, *, by: User, at: datetime
) -> None:
    """Keep what the answer changes; called last, when the unit of work has all of it."""
    work.add(
        UndoableAnswer(
            handoff_id=locked.handoff.pk,
            kind=kind.value,
            by_id=by.pk,
            at=at,
            events=number_events(work, locked.event_ids),
            changes=work.changes(),
        )
    )


def undo_until(answered_at: datetime) -> datetime:
    return answered_at + UNDO_WITHIN


@transaction.atomic
def undo_answer(*, handoff_id: int, by: User, at: datetime) -> None:
    """Take back the latest answer to a handoff."""
    lock_contact(handoff_id)
    locked = lock_handoff(handoff_id, by=by, at=at)
    answers = UndoableAnswer.objects.filter(handoff=handoff_id).select_related("by")
    answer = answers.order_by("-pk").first()
    refuse_unless_in_time(answer, by=by, at=at)
    assert answer is not None, "it was just checked"
    rows = changed_rows(answer)
    refuse_if_changed(answer, locked.lead, rows)
    withdraw_notices(handoff_id)
    clock_ids = [row.pk for row, _, _ in rows if isinstance(row, SlaClock)]
    revive(notices_asking_for_answer(handoff_id, clock_ids), since=answer.at)
    work = UnitOfWork()
    for row, before, after in rows:
        work.set(row, **restored(row, before, after))
    work.set(answer, undone_at=at)
    undone = AnswerUndone(
        taken_back=answer.events, handoff=handoff_id, answer=answer.kind, user=by.pk
    )
    record(work, locked.lead.pk, undone, at=at, actor_id=by.pk)
    work.write()
    if answer.kind == EventKind.REJECTED:
        Rejection.objects.filter(handoff=handoff_id).delete()


def refuse_unless_in_time(answer: UndoableAnswer | None, *, by: User, at: datetime) -> None:
    if answer is None:
        raise CannotUndo("There is no answer to undo.")
    if answer.by_id != by.pk:
        raise CannotUndo(f"{answer.by} gave this answer, and only they can undo it.")
    if answer.undone_at is not None:
        raise AlreadyUndone("This answer was already undone. Nothing changed.")
    if at > undo_until(answer.at):
        raise CannotUndo(
            "An answer can be undone for one minute. After that, marketing may have been notified."
        )


Changed = tuple[models.Model, dict[str, Any], dict[str, Any]]


def changed_rows(answer: UndoableAnswer) -> list[Changed]:
    """Lock the rows that the answer changed, and return them with the values before and after."""
    rows = []
    for change in sorted(answer.changes, key=lambda change: (is_shared(change), change["id"])):
        model = apps.get_model(change["model"])
        locked = model._default_manager.select_for_update(no_key=True)
        row = locked.filter(pk=change["id"]).first()
        if row is None:
            raise CannotUndo(CHANGED)
        rows.append((row, typed(model, change["before"]), typed(model, change["after"])))
    return rows


def is_shared(change: dict[str, Any]) -> bool:
    return bool(change["model"] == Membership._meta.label)


def typed(model: type[models.Model], columns: dict[str, Any]) -> dict[str, Any]:
    return {
        name: model._meta.get_field(name).to_python(value)  # type: ignore[union-attr]  # a column
        for name, value in columns.items()
    }


# They stay in the log whatever the answer is, and change neither the lead nor its handoff.
STAYS: Final = (EventKind.VIEWED, EventKind.NOTED)
CHANGED: Final = "Something else happened to this lead since, so the answer stays."


def refuse_if_changed(answer: UndoableAnswer, lead: Lead, rows: Iterable[Changed]) -> None:
    """Raise CannotUndo if anything happened to the lead or its contact since."""
    later = LeadEvent.objects.counted().filter(lead=lead, pk__gt=max(answer.events))
    later = later.exclude(kind__in=STAYS)
    is_changed = any(
        getattr(row, name) != value
        for row, _, after in rows
        if not isinstance(row, Membership)
        for name, value in after.items()
    )
    if is_changed or later.exists():
        raise CannotUndo(CHANGED)
    if not lead.is_open and Lead.objects.open().filter(contact=lead.contact_id).exists():
        raise CannotUndo("This contact has a newer lead since, so the answer stays.")


def withdraw_notices(handoff_id: int) -> None:
    """Delete what waits to be sent; raise CannotUndo if anything is sent or about to be."""
    notices = list(notices_of_answer(handoff_id).select_for_update().order_by("pk"))
    if any(notice.leased_until or notice.delivered_at for notice in notices):
        raise CannotUndo("Marketing was already notified, so the answer stays.")
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).delete()


def restored(row: models.Model, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the columns as they were; balances of a pool moved on with the leads of others."""
    if not isinstance(row, Membership):
        return before
    columns = {"balance": row.balance + before["balance"] - after["balance"]}
    if "last_turn_at" in before and row.last_turn_at is None:
        columns["last_turn_at"] = before["last_turn_at"]
    return columns


def purge_undoable_answers(*, at: datetime) -> int:
    return purge(UndoableAnswer.objects.filter(at__lt=at - RETENTION))
