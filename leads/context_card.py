"""Draft the context card from touches and the campaign, and let marketing edit it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from core.days import day_of
from core.errors import Refused
from core.formatting import date_text
from core.unit_of_work import UnitOfWork
from leads.configuration import LeadConfiguration
from leads.contact_state import ContactState
from leads.event_log import record
from leads.events import CardEdited
from leads.models import Campaign, ContextCard, Lead, TouchKind
from leads.touches import Incoming
from people.models import User

MAX_ENGAGEMENTS: Final = 5


def draft_card(
    work: UnitOfWork, state: ContactState, incoming: Incoming, config: LeadConfiguration
) -> None:
    """Create the card of a new lead, or add to a card that marketing has not edited."""
    lead, card, touch = state.lead, state.card, incoming.touch
    if lead is None or (card is not None and card.edited_at is not None):
        return
    campaign = config.campaigns.get(touch.campaign)
    line = engagement_line(incoming, campaign)
    problem = touch.stated_problem or (campaign.problem if campaign else "")
    messaging = campaign.messaging if campaign else ""
    if card is None:
        state.card = ContextCard(
            lead_id=lead.pk,
            content_engaged=line,
            problem_indicated=problem,
            messaging_received=messaging,
            why=touch.why,
        )
        work.add(state.card)
    elif card.pk is not None:
        lines = [line, *card.content_engaged.splitlines()][:MAX_ENGAGEMENTS]
        work.set(
            card,
            content_engaged="\n".join(lines),
            problem_indicated=problem or card.problem_indicated,
            messaging_received=messaging or card.messaging_received,
            why=touch.why or card.why,
        )


def set_why_now(work: UnitOfWork, card: ContextCard, why_now: str) -> None:
    """Say why a returned lead is offered again, also on a card that marketing has edited."""
    work.set(card, why_now=why_now)


def engagement_line(incoming: Incoming, campaign: Campaign | None) -> str:
    """Return a line such as “Content download: Pricing guide, Nov 3, 2026”."""
    touch = incoming.touch
    topic = touch.offer or (campaign.offer or campaign.name if campaign else touch.landing_page)
    kind = TouchKind(touch.kind).label
    return f"{kind}{f': {topic}' if topic else ''}, {date_text(day_of(incoming.occurred_at))}"


class CardChanged(Refused):
    code = "card_changed"


class LeadClosed(Refused):
    code = "lead_closed"


def edition_of(card: ContextCard | None) -> str:
    """Return what changes with each edit; empty for a draft."""
    return card.edited_at.isoformat() if card and card.edited_at else ""


@transaction.atomic
def edit_card(
    *,
    lead_id: int,
    why: str,
    content_engaged: str,
    problem_indicated: str,
    messaging_received: str,
    by: User,
    at: datetime,
    seen: str | None = None,
) -> ContextCard:
    """Save the card as marketing wrote it; from now on touches no longer change it.

    `seen` is the edition that the user was shown; raise CardChanged if there is a newer one.
    """
    lead = Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    if not lead.is_open:
        raise LeadClosed("This lead is closed. Its context card can no longer be edited.")
    card, _ = ContextCard.objects.get_or_create(lead_id=lead_id)
    if seen is not None and seen != edition_of(card):
        raise CardChanged(
            f"{card.edited_by} changed this card after you opened it, so nothing was saved. "
            "Compare it with your text, and save again."
        )
    work = UnitOfWork()
    work.set(
        card,
        why=why,
        content_engaged=content_engaged,
        problem_indicated=problem_indicated,
        messaging_received=messaging_received,
        edited_by_id=by.pk,
        edited_at=at,
    )
    record(work, lead_id, CardEdited(), at=at, actor_id=by.pk)
    work.write()
    return card
