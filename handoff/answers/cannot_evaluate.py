"""Return a lead that sales cannot evaluate because data is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from handoff.answers.closing import close_handoff
from handoff.answers.undo import MAX_EVENTS, keep_undoable
from handoff.locking import lock_handoff, refuse_if_answered
from handoff.models import Handoff
from handoff.notices import notify_marketing
from leads import lifecycle, returned
from leads.configuration import configuration
from leads.event_log import record
from leads.events import CannotEvaluate
from leads.field_catalog import CATALOG
from leads.models import EventKind
from leads.required_context import label_of
from leads.stages import Stage
from people.models import User


class FieldsRequired(Refused):
    code = "fields_required"


@transaction.atomic
def mark_cannot_evaluate(
    *, handoff_id: int, missing_fields: Sequence[str], by: User, at: datetime
) -> Handoff:
    """Return a lead to marketing; it counts against completeness, not against acceptance.

    `missing_fields` are codes of the criteria catalog, at least one.
    """
    fields = list(dict.fromkeys(missing_fields))
    if not fields or any(code not in CATALOG for code in fields):
        raise FieldsRequired("Select the missing fields, so that marketing can complete them.")
    locked = lock_handoff(handoff_id, by=by, at=at, events=MAX_EVENTS)
    refuse_if_answered(locked.handoff, also_accepted=True)
    work = UnitOfWork()
    close_handoff(work, locked, Handoff.State.CANNOT_EVALUATE, by=by, at=at, missing_fields=fields)
    lead = locked.lead
    record(
        work,
        lead.pk,
        CannotEvaluate(handoff=locked.handoff.pk, fields=fields, user=by.pk),
        at=at,
        actor_id=by.pk,
    )
    lifecycle.move(work, lead=lead, to=Stage.ENGAGED, at=at, actor_id=by.pk, why="cannot_evaluate")
    config = configuration.now()
    lifecycle.assign(
        work,
        lead=lead,
        queue_id=config.marketing_team_id,
        at=at,
        actor_id=by.pk,
        why="cannot_evaluate",
    )
    returned.keep_with_marketing(
        work, lead, at=at, signal_kinds=config.buying_signals, missing_fields=fields
    )
    keep_undoable(work, locked, EventKind.CANNOT_EVALUATE, by=by, at=at)
    work.write()
    labels = ", ".join(label_of(code) for code in fields)
    notify_marketing(locked.handoff, why=f"Sales could not evaluate it. Missing: {labels}.", at=at)
    return locked.handoff
