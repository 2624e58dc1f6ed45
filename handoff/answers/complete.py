"""Complete the missing data of a lead that marketing has, and offer it to sales if it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from handoff.intake_run import IntakeRun
from handoff.lead_access import is_returned
from handoff.marketing_actions import lock_lead_of_marketing
from handoff.models import Handoff
from handoff.rescoring import score_lead
from handoff.routed_offers import route_and_offer
from leads.contact_state import ContactState
from leads.corrections import correct
from leads.event_log import record
from leads.events import DataCompleted
from leads.models import Company, Contact, Lead
from leads.qualification import lacks_way_to_reach
from leads.required_context import COMPLETABLE_FIELDS, column_of
from people.models import User


class DuplicateIdentity(Refused):
    code = "already_taken"


class CompanyRequired(Refused):
    code = "company_required"


def missing_codes(lead: Lead, handoff: Handoff | None) -> list[str]:
    """Return the fields that marketing has to complete before sales gets the lead."""
    if lacks_way_to_reach(lead):
        return list(lead.missing_fields)
    if handoff is None or not is_returned(lead, handoff):
        return []
    if handoff.state == Handoff.State.CANNOT_EVALUATE:
        return [code for code in handoff.missing_fields if code in COMPLETABLE_FIELDS]
    return list(handoff.reason.sets_in_motion.asks_marketing_for) if handoff.reason else []


@transaction.atomic
def complete_and_reoffer(
    *, lead_id: int, values: Mapping[str, Any], by: User, at: datetime
) -> int | None:
    """Save the missing data, score and route the lead, and return the id of the new handoff.

    `values` are clean and by field code. Return None if the lead is still not ready for sales.
    """
    state = lock_lead_of_marketing(lead_id)
    lead = state.lead
    assert lead is not None, "a lead of marketing was found"
    run = IntakeRun.on_leads([lead_id], at=at)
    fill_fields(run.work, state, values, by=by, at=at)
    completed = DataCompleted(fields=sorted(values))
    record(run.work, lead.pk, completed, at=at, actor_id=by.pk)
    facts = score_lead(run, state, lead)
    handoff_id = route_and_offer(run, state, lead, facts)
    run.work.write()
    return handoff_id


def fill_fields(
    work: UnitOfWork, state: ContactState, values: Mapping[str, Any], *, by: User, at: datetime
) -> None:
    assert state.contact is not None
    assert state.lead is not None
    by_model: dict[type[models.Model], dict[str, Any]] = {Lead: {}, Contact: {}, Company: {}}
    for code, value in values.items():
        model, column = column_of(code)
        by_model[model][column] = value
    if "phone" in by_model[Contact]:
        number, extension = by_model[Contact]["phone"]
        by_model[Contact] |= {"phone": number, "phone_extension": extension}
    refuse_duplicate(Contact, "email", by_model[Contact], state.contact.pk)
    if by_model[Contact]:
        correct(work, state.contact, by_model[Contact], by_id=by.pk, at=at)
    if by_model[Company]:
        fill_company(work, state, by_model[Company], by=by, at=at)
    if by_model[Lead]:
        work.set(state.lead, **by_model[Lead])


def fill_company(
    work: UnitOfWork, state: ContactState, columns: dict[str, Any], *, by: User, at: datetime
) -> None:
    """Complete the company, or link or create the one with the given domain."""
    company = state.company
    if company is not None:
        refuse_duplicate(Company, "domain", columns, company.pk)
        correct(work, company, columns, by_id=by.pk, at=at)
        return
    existing = Company.objects.filter(domain=columns.get("domain") or "").first()
    if existing is None:
        name = columns.get("name") or columns.get("domain")
        if not name:
            raise CompanyRequired("Enter the name of the company.")
        existing = Company(id=state.ids[Company], created_at=at, updated_at=at, name=name)
        work.add(existing)
        correct(work, existing, columns, by_id=by.pk, at=at)
    state.company = existing
    for instance in (state.contact, state.lead):
        assert instance is not None
        work.set(instance, company_id=existing.pk)


def refuse_duplicate(
    model: type[Contact] | type[Company], column: str, columns: Mapping[str, Any], own_id: int
) -> None:
    """Raise DuplicateIdentity if another row has this email address or domain."""
    value = columns.get(column)
    if value and model._default_manager.filter(**{column: value}).exclude(pk=own_id).exists():
        raise DuplicateIdentity(f"“{value}” belongs to another {model._meta.verbose_name}.")
