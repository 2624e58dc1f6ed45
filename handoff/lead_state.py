"""Lock a lead that is to be routed without a touch."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from core.unit_of_work import reserve_ids
from handoff.configuration import configuration
from handoff.models import Handoff, RoutingDecision
from leads.configuration import configuration as lead_configuration
from leads.contact_state import ContactState
from leads.field_catalog import COMPANY_HAS_OPEN_LEAD
from leads.models import Company, Contact, ContextCard, Lead, LeadScore

MAY_BE_ADDED: Final = (Company, LeadScore, RoutingDecision, Handoff)


def company_reps_of(leads: Collection[Lead]) -> dict[int, dict[int, int]]:
    """Return by lead the rep who works its company, by company; read only if a rule asks."""
    rules, scoring = configuration.now().rule_set, lead_configuration.now().scoring
    if not (rules.asks_for_company_rep or scoring.uses(COMPANY_HAS_OPEN_LEAD)):
        return {}
    company_ids = {lead.pk: lead.company_id for lead in leads}
    reps = Lead.objects.filter(pk__in=company_ids).company_reps()
    return {
        lead_id: {company_id: reps[lead_id]}
        for lead_id, company_id in company_ids.items()
        if company_id is not None and lead_id in reps
    }


def lock_contact_and_lead(lead_id: int) -> tuple[Contact, Lead]:
    """Lock contact, then lead, in the order in which a touch locks them; also a closed one."""
    contacts = Contact.objects.select_for_update(no_key=True).order_by()
    contact = contacts.get(leads__pk=lead_id)
    return contact, Lead.objects.select_for_update(no_key=True).get(pk=lead_id)


def lock_lead_state(lead_id: int) -> ContactState | None:
    """Lock contact, then lead, in the order in which a touch locks them; None if it is closed."""
    contacts = Contact.objects.select_for_update(no_key=True).order_by()
    contact = contacts.filter(leads__pk=lead_id).first()
    lead = Lead.objects.open().select_for_update(no_key=True).filter(pk=lead_id).first()
    if contact is None or lead is None:
        return None
    return ContactState(
        contact=contact,
        company=lead.company,
        lead=lead,
        card=ContextCard.objects.filter(lead=lead).first(),
        score_id=LeadScore.objects.filter(lead=lead).values_list("pk", flat=True).first(),
        company_reps=company_reps_of([lead]).get(lead.pk, {}),
        ids={model: reserve_ids(model, 1)[0] for model in MAY_BE_ADDED},
    )
