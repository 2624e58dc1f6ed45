"""Let a person correct the contact of a lead, with history; the lead is scored again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from handoff.answers.complete import refuse_duplicate
from handoff.intake_run import IntakeRun
from handoff.lead_state import lock_lead_state
from intake.repairs import closed_state, offer_if_ready
from leads.configuration import LeadConfiguration
from leads.corrections import correct
from leads.event_log import record
from leads.events import ContactEdited
from leads.models import Contact
from leads.precedence import Origin
from leads.statements import may_replace
from people.models import User


@transaction.atomic
def edit_contact(*, lead_id: int, values: Mapping[str, Any], by: User, at: datetime) -> None:
    """Correct columns of the contact; the lead is offered if that makes it ready.

    Raise DuplicateIdentity if the email address belongs to another contact.
    """
    if not values:
        return
    state = lock_lead_state(lead_id)
    is_open = state is not None
    state = state or closed_state(lead_id)
    contact, lead = state.contact, state.lead
    assert contact is not None
    assert lead is not None
    refuse_duplicate(Contact, "email", values, contact.pk)
    run = IntakeRun.on_leads([lead_id], at=at)
    columns = {**values, **derived(contact, values, run.leads, at=at)}
    correct(run.work, contact, columns, by_id=by.pk, at=at)
    record(run.work, lead_id, ContactEdited(fields=sorted(values)), at=at, actor_id=by.pk)
    if is_open and not lead.is_historical:
        offer_if_ready(run, state, lead)
    run.work.write()


def derived(
    contact: Contact, values: Mapping[str, Any], config: LeadConfiguration, *, at: datetime
) -> dict[str, Any]:
    """Return what follows from the values: whether the email is corporate, and the seniority."""
    columns: dict[str, Any] = {}
    if "email" in values:
        host = str(values["email"] or "").rpartition("@")[2]
        domain = config.mail_hosts.corporate_domain(host) if host else ""
        columns["email_is_corporate"] = bool(domain) if host else None
    if "title" in values and may_replace(contact, "seniority", Origin(at)):
        columns["seniority"] = config.titles.seniority_of(values["title"]) or contact.seniority
    return columns
