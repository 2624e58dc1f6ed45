"""Turn a touch into a lead: create or complete the contact, then open or reinforce the lead.

Reads nothing from the database: decides on the `ContactState` and adds rows to the unit of work.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.unit_of_work import UnitOfWork
from leads import context_card
from leads.configuration import LeadConfiguration
from leads.contact_state import ContactState
from leads.event_log import record
from leads.events import Opened, Touched
from leads.models import Company, Contact, Lead, Touch
from leads.normalization.names import person_key
from leads.stages import Stage
from leads.touches import Incoming

TEMPERATURE_RANK = {"cold": 0, "warm": 1, "hot": 2}
# Only filled in when blank: a later form never overwrites the identity of a contact.
CONTACT_FIELDS = ("email", "name", "title", "seniority", "persona", "country", "consent")
COMPANY_FIELDS = {
    "company": "name",
    "domain": "domain",
    "industry": "industry",
    "employees": "employees",
    "company_country": "country",
    "region": "region",
    "revenue_band": "revenue_band",
}
# Interests change, so the latest value counts.
INTEREST_FIELDS = ("stated_problem", "product_interest", "timing", "budget_context")


def capture(
    work: UnitOfWork, state: ContactState, incoming: Incoming, config: LeadConfiguration
) -> Lead:
    """Add the touch to the open lead, or open one, and update the state."""
    company = capture_company(work, state, incoming)
    contact = capture_contact(work, state, incoming, company)
    lead = state.lead
    if lead is None:
        lead = state.lead = open_lead(work, state, incoming, config, contact)
    else:
        reinforce(work, lead, incoming, config, state.ids[Touch])
    append_touch(work, state, incoming, config, contact, lead)
    context_card.draft_card(work, state, incoming, config)
    return lead


def capture_company(work: UnitOfWork, state: ContactState, incoming: Incoming) -> Company | None:
    touch, company = incoming.touch, state.company
    values = {
        column: getattr(touch, name)
        for name, column in COMPANY_FIELDS.items()
        if getattr(touch, name) not in ("", None)
    }
    if company is not None:
        domain = "" if state.domain_is_taken else touch.domain
        fill_blanks(work, company, {**values, "name": "", "domain": domain}, incoming.at)
        if touch.company and company.name == company.domain == touch.domain:
            work.set(company, name=touch.company, updated_at=incoming.at)
    elif values.keys() & {"name", "domain"}:
        row = {"name": touch.company or touch.domain, "domain": touch.domain or None, **values}
        company = Company(
            id=state.ids[Company], created_at=incoming.at, updated_at=incoming.at, **row
        )
        work.add(company)
        state.company = company
    return company


def capture_contact(
    work: UnitOfWork, state: ContactState, incoming: Incoming, company: Company | None
) -> Contact:
    touch, contact = incoming.touch, state.contact
    values: dict[str, Any] = {name: getattr(touch, name) for name in CONTACT_FIELDS}
    if touch.external_id and not state.external_id_is_taken:
        values["external_id"] = touch.external_id
    if touch.email:
        values["email_is_corporate"] = touch.email_is_corporate
    if touch.phone and (contact is None or not contact.phone):
        values |= {"phone": touch.phone, "phone_extension": touch.phone_extension}
    if touch.name:
        values["name_key"] = person_key(touch.name)
    if company is not None:
        values["company_id"] = company.pk
    values = {name: value for name, value in values.items() if value not in ("", None)}
    if contact is not None:
        fill_blanks(work, contact, values, incoming.at)
        return contact
    contact = Contact(
        id=state.ids[Contact], created_at=incoming.at, updated_at=incoming.at, **values
    )
    work.add(contact)
    state.contact = contact
    return contact


def fill_blanks(
    work: UnitOfWork, instance: Contact | Company, values: dict[str, Any], at: datetime
) -> None:
    missing = {
        name: value
        for name, value in values.items()
        if value not in ("", None) and getattr(instance, name) in ("", None)
    }
    if missing:
        work.set(instance, **missing, updated_at=at)


def open_lead(
    work: UnitOfWork,
    state: ContactState,
    incoming: Incoming,
    config: LeadConfiguration,
    contact: Contact,
) -> Lead:
    touch, moment = incoming.touch, incoming.occurred_at
    lead_type = config.lead_types.get(touch.lead_type)
    lead = Lead(
        id=state.ids[Lead],
        contact_id=contact.pk,
        company_id=contact.company_id,
        stage=Stage.NEW.value,
        stage_entered_at=moment,
        opened_at=moment,
        queue_id=config.marketing_team_id,
        lead_type_id=lead_type.pk if lead_type else None,
        temperature=lead_type.temperature if lead_type else "cold",
        source_id=key_of(config.sources, touch.source),
        campaign_id=key_of(config.campaigns, touch.campaign),
        medium=touch.medium,
        landing_page=touch.landing_page,
        first_touch_id=state.ids[Touch],
        latest_touch_at=moment,
        signals=count_signal({}, touch.kind, moment),
        predecessor_id=state.predecessor_id,
        is_historical=incoming.is_historical,
        **{name: getattr(touch, name) for name in INTEREST_FIELDS},
    )
    work.add(lead)
    record(
        work,
        lead.pk,
        Opened(
            touch=state.ids[Touch],
            source=lead.source_id,
            campaign=lead.campaign_id,
            lead_type=lead.lead_type_id,
            predecessor=lead.predecessor_id,
        ),
        at=moment,
        actor_id=incoming.actor_id,
        to_stage=Stage.NEW.value,
    )
    return lead


def reinforce(
    work: UnitOfWork, lead: Lead, incoming: Incoming, config: LeadConfiguration, touch_id: int
) -> None:
    touch, moment = incoming.touch, incoming.occurred_at
    changes: dict[str, Any] = {
        name: getattr(touch, name) for name in INTEREST_FIELDS if getattr(touch, name)
    }
    lead_type = config.lead_types.get(touch.lead_type)
    if lead_type and TEMPERATURE_RANK[lead_type.temperature] >= TEMPERATURE_RANK[lead.temperature]:
        changes |= {"lead_type_id": lead_type.pk, "temperature": lead_type.temperature}
    work.set(
        lead,
        **changes,
        touch_count=lead.touch_count + 1,
        latest_touch_at=max(lead.latest_touch_at, moment),
        signals=count_signal(lead.signals, touch.kind, moment),
    )
    record(
        work,
        lead.pk,
        Touched(touch=touch_id, kind=touch.kind),
        at=moment,
        actor_id=incoming.actor_id,
    )


def append_touch(
    work: UnitOfWork,
    state: ContactState,
    incoming: Incoming,
    config: LeadConfiguration,
    contact: Contact,
    lead: Lead,
) -> None:
    touch = incoming.touch
    work.add(
        Touch(
            id=state.ids[Touch],
            contact_id=contact.pk,
            lead_id=lead.pk,
            kind=touch.kind,
            occurred_at=incoming.occurred_at,
            recorded_at=incoming.at,
            lead_type_id=key_of(config.lead_types, touch.lead_type),
            source_id=key_of(config.sources, touch.source),
            campaign_id=key_of(config.campaigns, touch.campaign),
            medium=touch.medium,
            offer=touch.offer,
            landing_page=touch.landing_page,
            referrer=touch.referrer,
            utm=dict(touch.utm),
            answers=dict(touch.answers),
            via=incoming.via,
        )
    )


def count_signal(signals: dict[str, Any], kind: str, moment: datetime) -> dict[str, Any]:
    """Return the signals with one more touch of this kind."""
    before = signals.get(kind, {"count": 0, "last": ""})
    last = max(before["last"], moment.isoformat())
    return {**signals, kind: {"count": before["count"] + 1, "last": last}}


def key_of(rows: dict[str, Any], code: str) -> int | None:
    """Return the id of a code, or None if it is empty; intake refuses unknown codes."""
    return rows[code].pk if code else None
