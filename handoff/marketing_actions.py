"""Let marketing act on the leads it holds: send to sales, release, set a date, disqualify."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from core.days import day_of
from core.errors import Refused
from core.formatting import date_text, sentence
from core.unit_of_work import UnitOfWork
from handoff.intake_run import IntakeRun
from handoff.lead_state import lock_lead_state
from handoff.models import Handoff, RejectionReason
from handoff.rescoring import score_lead
from handoff.routed_offers import offer_to_sales
from leads import lifecycle
from leads.configuration import configuration as lead_configuration
from leads.contact_state import ContactState
from leads.corrections import correct
from leads.event_log import record
from leads.events import Released, WakeDateSet
from leads.models import Contact, Lead
from leads.qualification import WITH_MARKETING, can_be_reached
from leads.stages import Stage, may_move
from people.models import User

MAX_WAIT: Final = timedelta(days=5 * 365)
CLOSED: Final = "This lead is closed."
WITH_SALES: Final = "Sales already has this lead."
SUPPRESSED: Final = "The contact of this lead is suppressed. Release it instead."
NOT_SUPPRESSED: Final = "The contact of this lead is not suppressed."
OUT_OF_REACH: Final = "Add an email address or a phone number of the contact first."


class NotWithMarketing(Refused):
    code = "not_with_marketing"


class WhyRequired(Refused):
    code = "why_required"


class ContactSuppressed(Refused):
    code = "contact_suppressed"


class CannotBeReached(Refused):
    code = "cannot_be_reached"


class NotSuppressed(Refused):
    code = "not_suppressed"


class ConsentWithdrawn(Refused):
    code = "consent_withdrawn"


class BadWakeDate(Refused):
    code = "bad_wake_date"


def is_held_by_marketing(lead: Lead, handoff: Handoff | None) -> bool:
    """Return whether marketing may act on a lead, given its open or latest handoff."""
    return lead.is_open and (handoff is None or not handoff.is_open)


def lock_lead_of_marketing(lead_id: int) -> ContactState:
    """Lock contact, then lead; raise NotWithMarketing if it is closed or sales has it."""
    state = lock_lead_state(lead_id)
    if state is None:
        raise NotWithMarketing(CLOSED)
    if Handoff.objects.open().filter(lead=lead_id).exists():
        raise NotWithMarketing(WITH_SALES)
    return state


@transaction.atomic
def send_to_sales(*, lead_id: int, why: str, by: User, at: datetime) -> int:
    """Offer a lead that is not ready by the rules, and return the id of the handoff.

    The routing rules choose who gets it. The reason for the exception is kept with the decision.
    """
    why = why.strip()
    if not why:
        raise WhyRequired("Enter why sales should get this lead now.")
    state = lock_lead_of_marketing(lead_id)
    lead, contact = state.lead, state.contact
    assert lead is not None
    assert contact is not None
    if contact.suppressed_at is not None:
        raise ContactSuppressed(SUPPRESSED)
    run = IntakeRun.on_leads([lead_id], at=at)
    return offer_as_exception(run, state, f"Sent to sales by {by}", why=why, by=by)


@transaction.atomic
def release(*, lead_id: int, why: str, by: User, at: datetime) -> int:
    """Take a contact off the suppression list, and offer the lead like `send_to_sales`."""
    why = why.strip()
    if not why:
        raise WhyRequired("Enter why the contact is released.")
    state = lock_lead_of_marketing(lead_id)
    lead, contact = state.lead, state.contact
    assert lead is not None
    assert contact is not None
    since = contact.suppressed_at
    if since is None:
        raise NotSuppressed(NOT_SUPPRESSED)
    if problem := problem_with_consent(contact):
        raise ConsentWithdrawn(problem)
    run = IntakeRun.on_leads([lead_id], at=at)
    correct(run.work, contact, {"suppressed_at": None}, by_id=by.pk, at=at)
    record(run.work, lead.pk, Released(since=since.isoformat()), at=at, actor_id=by.pk)
    return offer_as_exception(run, state, f"Released from suppression by {by}", why=why, by=by)


def problem_with_consent(contact: Contact) -> str:
    """Return why the contact may not be released, or "" if nothing is against it."""
    if contact.consent is not False:
        return ""
    when = f" on {date_text(contact.consent_at)}" if contact.consent_at else ""
    return (
        f"The contact withdrew consent{when}, so sales may not contact them. "
        "The contact can be released after giving it again."
    )


def offer_as_exception(
    run: IntakeRun, state: ContactState, what: str, *, why: str, by: User
) -> int:
    lead, contact = state.lead, state.contact
    assert lead is not None
    assert contact is not None
    if not can_be_reached(contact):
        raise CannotBeReached(OUT_OF_REACH)
    facts = score_lead(run, state, lead)
    if lead.stage in WITH_MARKETING:
        lifecycle.move(
            run.work, lead=lead, to=Stage.MQL, at=run.at, actor_id=by.pk, why="exception"
        )
    text = sentence(f"{what} as an exception: “{why}”")
    handoff_id = offer_to_sales(run, state, lead, facts, why=text)
    run.work.write()
    return handoff_id


@transaction.atomic
def set_wake_date(*, lead_id: int, day: date, by: User, at: datetime) -> None:
    """Nurture a lead until a day on which it resurfaces."""
    today = day_of(at)
    if not today < day <= today + MAX_WAIT:
        raise BadWakeDate(f"Choose a day after today and up to {date_text(today + MAX_WAIT)}.")
    work, lead = UnitOfWork(), lock_lead_of_marketing(lead_id).lead
    assert lead is not None
    if lead.stage != Stage.NURTURE:
        lifecycle.move(work, lead=lead, to=Stage.NURTURE, at=at, actor_id=by.pk, why="wake_date")
    work.set(lead, wake_on=day)
    record(work, lead.pk, WakeDateSet(day=day.isoformat()), at=at, actor_id=by.pk)
    give_to_marketing(work, lead, by=by, at=at)
    work.write()


@transaction.atomic
def disqualify(*, lead_id: int, reason_code: str, by: User, at: datetime) -> None:
    """Close a lead with one of the rejection reasons; its route may suppress the contact."""
    reason = RejectionReason.objects.filter(code=reason_code, is_active=True).first()
    if reason is None:
        raise WhyRequired("Choose one of the reasons.")
    work, state = UnitOfWork(), lock_lead_of_marketing(lead_id)
    lead, contact = state.lead, state.contact
    assert lead is not None
    assert contact is not None
    lifecycle.move(
        work,
        lead=lead,
        to=Stage.DISQUALIFIED,
        at=at,
        actor_id=by.pk,
        why="marketing",
        reason=reason.code,
        skipping=not may_move(Stage(lead.stage), Stage.DISQUALIFIED),
    )
    if reason.sets_in_motion.suppresses_contact:
        work.set(contact, suppressed_at=at, updated_at=at)
    give_to_marketing(work, lead, by=by, at=at)
    work.write()


def give_to_marketing(work: UnitOfWork, lead: Lead, *, by: User, at: datetime) -> None:
    queue_id = lead_configuration.now().marketing_team_id
    lifecycle.assign(work, lead=lead, queue_id=queue_id, at=at, actor_id=by.pk, why="marketing")
