"""Turn a touch into a lead: create or complete the contact, then open or reinforce the lead.

Reads nothing from the database: decides on the `ContactState` and adds rows to the unit of work.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from core.unit_of_work import UnitOfWork
from leads import context_card
from leads.configuration import LeadConfiguration
from leads.contact_state import ContactState
from leads.event_log import record
from leads.events import Opened, OpenedEarlier, Touched
from leads.models import Contact, Lead, LeadType, Touch
from leads.stages import Stage
from leads.statements import capture_company, capture_contact, stated_values
from leads.touches import Incoming, TouchIn

REPEATED_WITHIN: Final = timedelta(minutes=5)
TEMPERATURE_RANK = {"cold": 0, "warm": 1, "hot": 2}
# Interests change, so the latest value counts.
INTEREST_FIELDS = ("stated_problem", "product_interest", "timing", "budget_context")


def capture(
    work: UnitOfWork, state: ContactState, incoming: Incoming, config: LeadConfiguration
) -> Lead:
    """Add the touch to the open lead, or open one, and update the state."""
    company = capture_company(work, state, incoming)
    contact = capture_contact(work, state, incoming, company)
    lead = state.lead
    is_repeat = lead is not None and is_repetition(lead, incoming)
    if lead is None:
        lead = state.lead = open_lead(work, state, incoming, config, contact)
    elif not is_repeat:
        reinforce(work, lead, incoming, config, state.ids[Touch])
    append_touch(work, state, incoming, config, contact, lead, is_repeat=is_repeat)
    if not is_repeat:
        context_card.draft_card(work, state, incoming, config)
    return lead


def complete(
    work: UnitOfWork, state: ContactState, incoming: Incoming, config: LeadConfiguration
) -> None:
    """Complete contact, company and open lead by what was said again, without another touch."""
    company = capture_company(work, state, incoming)
    capture_contact(work, state, incoming, company)
    if state.lead is None:
        return
    touch, lead_type = incoming.touch, config.lead_types.get(incoming.touch.lead_type)
    values = {
        "company_id": company.pk if company else None,
        "source_id": key_of(config.sources, touch.source),
        "campaign_id": key_of(config.campaigns, touch.campaign),
        "lead_type_id": lead_type.pk if lead_type else None,
        **{name: getattr(touch, name) for name in ("medium", "landing_page", *INTEREST_FIELDS)},
    }
    missing = {
        name: value
        for name, value in values.items()
        if value not in ("", None) and getattr(state.lead, name) in ("", None)
    }
    if missing:
        work.set(state.lead, **missing)


def open_lead(
    work: UnitOfWork,
    state: ContactState,
    incoming: Incoming,
    config: LeadConfiguration,
    contact: Contact,
) -> Lead:
    touch, moment = incoming.touch, incoming.occurred_at
    lead_type = lead_type_of(touch, config)
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
        signals=count_signal({}, touch, moment),
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
    is_latest = moment >= lead.latest_touch_at
    changes: dict[str, Any] = {
        name: value
        for name in INTEREST_FIELDS
        if (value := getattr(touch, name)) and (is_latest or not getattr(lead, name))
    }
    lead_type = lead_type_of(touch, config)
    if lead_type and counts_more(lead_type, lead, is_latest=is_latest):
        changes |= {"lead_type_id": lead_type.pk, "temperature": lead_type.temperature}
    if moment < lead.opened_at:
        open_earlier(work, lead, incoming, config, touch_id)
    work.set(
        lead,
        **changes,
        touch_count=lead.touch_count + 1,
        latest_touch_at=max(lead.latest_touch_at, moment),
        signals=count_signal(lead.signals, touch, moment),
    )
    record(
        work,
        lead.pk,
        Touched(touch=touch_id, kind=touch.kind),
        at=moment,
        actor_id=incoming.actor_id,
    )


def counts_more(lead_type: LeadType, lead: Lead, *, is_latest: bool) -> bool:
    """Return whether the lead takes the type: the warmest, and of equally warm ones the latest."""
    rank, present = TEMPERATURE_RANK[lead_type.temperature], TEMPERATURE_RANK[lead.temperature]
    return rank > present or (rank == present and (is_latest or lead.lead_type_id is None))


def open_earlier(
    work: UnitOfWork, lead: Lead, incoming: Incoming, config: LeadConfiguration, touch_id: int
) -> None:
    """Make an older touch that arrived later the first one, as if both had come in order."""
    touch, moment, was = incoming.touch, incoming.occurred_at, lead.opened_at
    work.set(
        lead,
        opened_at=moment,
        first_touch_id=touch_id,
        source_id=key_of(config.sources, touch.source),
        campaign_id=key_of(config.campaigns, touch.campaign),
        medium=touch.medium,
        landing_page=touch.landing_page,
    )
    if lead.stage == Stage.NEW:
        work.set(lead, stage_entered_at=moment)
    record(
        work,
        lead.pk,
        OpenedEarlier(
            touch=touch_id,
            source=lead.source_id,
            campaign=lead.campaign_id,
            lead_type=key_of(config.lead_types, touch.lead_type),
            was=was.isoformat(),
        ),
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
    *,
    is_repeat: bool,
) -> None:
    touch = incoming.touch
    work.add_row(
        Touch,
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
        stated=stated_values(touch),
        set_aside=list(touch.set_aside),
        via=incoming.via,
        is_repeat=is_repeat,
    )


def is_repetition(lead: Lead, incoming: Incoming) -> bool:
    """Check for a double click or a reload: the same action again within minutes.

    History has dates without times, so equal lines there are equal days.
    """
    touch = incoming.touch
    before = lead.signals.get(touch.kind)
    if before is None or incoming.is_historical or before.get("what") != action_of(touch):
        return False
    last = datetime.fromisoformat(before["last"])
    return abs(incoming.occurred_at - last) < REPEATED_WITHIN


def action_of(touch: TouchIn) -> list[str]:
    return [touch.lead_type, touch.campaign, touch.offer, touch.landing_page]


def lead_type_of(touch: TouchIn, config: LeadConfiguration) -> LeadType | None:
    """Return the stated lead type, else the one that operations set for the kind of touch."""
    return config.lead_types.get(touch.lead_type) or config.types_by_kind.get(touch.kind)


def count_signal(signals: dict[str, Any], touch: TouchIn, moment: datetime) -> dict[str, Any]:
    """Return the signals with one more touch of this kind."""
    before = signals.get(touch.kind, {"count": 0, "last": ""})
    last = max(before["last"], moment.isoformat())
    what = action_of(touch) if last == moment.isoformat() else before.get("what", [])
    return {**signals, touch.kind: {"count": before["count"] + 1, "last": last, "what": what}}


def key_of(rows: dict[str, Any], code: str) -> int | None:
    """Return the id of a code, or None if it is empty; intake refuses unknown codes."""
    return rows[code].pk if code else None
