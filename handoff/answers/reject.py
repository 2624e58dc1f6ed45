"""Reject a lead with a reason, whose route decides what happens next."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from core.days import day_of
from core.errors import Refused
from core.formatting import counted, date_text, sentence
from core.unit_of_work import UnitOfWork
from handoff.answers.attempts import ONE_ATTEMPT
from handoff.answers.closing import close_handoff
from handoff.answers.undo import MAX_EVENTS, keep_undoable
from handoff.assignment.credit import credit_position
from handoff.locking import Locked, lock_contact, lock_handoff, refuse_if_answered
from handoff.models import Handoff, Rejection, RejectionReason
from handoff.notices import notify_campaign_owner, notify_marketing
from handoff.reasons import reasons
from handoff.return_reasons import with_note
from leads import lifecycle, returned
from leads.configuration import configuration, current_stamp
from leads.event_log import record
from leads.events import Rejected
from leads.models import Contact, EventKind
from people.models import User


class ReasonRequired(Refused):
    code = "reason_required"


class NoteRequired(Refused):
    code = "note_required"


class AttemptsRequired(Refused):
    code = "attempts_required"


@transaction.atomic
def reject_handoff(
    *, handoff_id: int, reason_code: str, by: User, at: datetime, note: str = ""
) -> Handoff:
    """Reject a handoff and follow the route of the reason; nothing else rejects one."""
    stamp = current_stamp()
    config, active = configuration.at(stamp), reasons.at(stamp).active_rejection
    reason = next((reason for reason in active if reason.code == reason_code), None)
    if reason is None:
        raise ReasonRequired("Choose one of the reasons.")
    route = reason.sets_in_motion
    contact = lock_contact(handoff_id) if route.suppresses_contact else None
    locked = lock_handoff(handoff_id, by=by, at=at, events=MAX_EVENTS)
    refuse_if_answered(locked.handoff, also_accepted=True)
    refuse_without_evidence(locked, reason, note.strip())
    work = UnitOfWork()
    close_handoff(work, locked, Handoff.State.REJECTED, by=by, at=at, reason_id=reason.pk)
    locked.handoff.reason = reason
    work.add(
        Rejection(
            handoff_id=locked.handoff.pk,
            reason_id=reason.pk,
            note=note.strip(),
            rejected_by_id=by.pk,
            rejected_at=at,
            wake_on=resurface_day(reason, at),
        )
    )
    record(
        work,
        locked.lead.pk,
        Rejected(handoff=locked.handoff.pk, reason=reason.code, user=by.pk),
        at=at,
        actor_id=by.pk,
    )
    marketing = config.marketing_team_id
    follow_route(work, locked, reason, contact, queue_id=marketing, by=by, at=at)
    if reason.credits_round_robin:
        credit_position(work, locked.handoff.decision)
    keep_undoable(work, locked, EventKind.REJECTED, by=by, at=at)
    work.write()
    answer = with_note(reason.label, note.strip())
    if route.returns_to_marketing:
        notify_marketing(locked.handoff, why=sentence(f"Sales rejected it: {answer}"), at=at)
    else:
        why = sentence(f"Reason: {answer}")
        notify_campaign_owner(locked.handoff, config.campaigns_by_id, why=why, at=at)
    return locked.handoff


def refuse_without_evidence(locked: Locked, reason: RejectionReason, note: str) -> None:
    if reason.requires_note and not note:
        raise NoteRequired(f"“{reason.label}” needs a note for marketing.")
    if reason.requires_attempts:
        needed, logged = locked.handoff.policy.attempts_required, locked.handoff.attempt_count
        if logged < needed:
            raise AttemptsRequired(
                f"“{reason.label}” requires {needed} logged attempts, at least "
                f"{ONE_ATTEMPT // timedelta(minutes=1)} minutes apart. "
                f"{counted(logged, 'attempt counts', 'attempts count')} so far."
            )


def resurface_day(reason: RejectionReason, at: datetime) -> date | None:
    days = reason.cool_down_days
    return None if days is None else day_of(at) + timedelta(days=days)


def consequence_of(reason: RejectionReason, at: datetime) -> str:
    """Say before the answer what happens to the lead."""
    route = reason.sets_in_motion
    day = resurface_day(reason, at) if route.keeps_lead_open else None
    if day is None:
        return route.consequence
    text = date_text(day, with_year=day.year != day_of(at).year)
    return f"{route.consequence} May resurface from {text}."


def follow_route(
    work: UnitOfWork,
    locked: Locked,
    reason: RejectionReason,
    contact: Contact | None,
    *,
    queue_id: int | None,
    by: User,
    at: datetime,
) -> None:
    lead, route = locked.lead, reason.sets_in_motion
    lifecycle.move(
        work,
        lead=lead,
        to=route.stage,
        at=at,
        actor_id=by.pk,
        why="rejected",
        reason=reason.code,
    )
    lifecycle.assign(work, lead=lead, queue_id=queue_id, at=at, actor_id=by.pk, why="rejected")
    if lead.is_open:
        returned.keep_with_marketing(
            work,
            lead,
            at=at,
            signal_kinds=reason.signal_kinds,
            wake_on=resurface_day(reason, at),
        )
    if contact is not None:
        work.set(contact, suppressed_at=at)
        work.update(Contact, contact.pk, updated_at=at)
