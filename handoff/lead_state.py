"""Lock a lead that is to be routed without a touch."""

from __future__ import annotations

from typing import Final

from core.unit_of_work import reserve_ids
from handoff.configuration import configuration
from handoff.models import Handoff, RoutingDecision
from leads.contact_state import ContactState
from leads.models import Company, Contact, ContextCard, Lead, LeadScore

MAY_BE_ADDED: Final = (Company, LeadScore, RoutingDecision, Handoff)


def company_reps_of(lead: Lead) -> dict[int, int]:
    """Return the rep who works the company, by its id; read only when a rule asks for them."""
    if lead.company_id is None or not configuration.now().rule_set.asks_for_company_rep:
        return {}
    reps = Lead.objects.filter(pk=lead.pk).company_reps()
    return {lead.company_id: reps[lead.pk]} if reps else {}


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
        company_reps=company_reps_of(lead),
        ids={model: reserve_ids(model, 1)[0] for model in MAY_BE_ADDED},
    )
