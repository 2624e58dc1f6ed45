"""Resurface returned leads whose date has come, through the pipeline."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction

from core.days import day_of
from core.formatting import date_text
from core.retries import with_retries
from handoff.intake_run import IntakeRun
from handoff.lead_state import lock_lead_state
from handoff.rescoring import score_lead
from handoff.routed_offers import route_and_offer
from leads import lifecycle, returned
from leads.models import Lead, LeadQuerySet
from leads.stages import Stage

logger = logging.getLogger(__name__)

BATCH_SIZE: Final = 200
# The job runs every ten minutes; a run that is missed is made up for by the next.
RESURFACED_WITHIN: Final = timedelta(minutes=20)


def due_leads(at: datetime) -> LeadQuerySet:
    return Lead.objects.open().filter(wake_on__lte=day_of(at))


def is_due(lead: Lead, at: datetime) -> bool:
    return lead.wake_on is not None and lead.wake_on <= day_of(at)


def resurface_leads(*, at: datetime, batch: int = BATCH_SIZE) -> int:
    """Resurface up to `batch` due leads, each in a transaction; return how many did."""
    count = 0
    due = due_leads(at).order_by("wake_on", "pk").values_list("pk", flat=True)
    for lead_id in list(due[:batch]):
        try:
            count += with_retries(partial(resurface_lead, lead_id, at=at))
        except Exception:
            logger.exception("Could not resurface lead %s", lead_id)
    return count


@transaction.atomic
def resurface_lead(lead_id: int, *, at: datetime) -> bool:
    """Offer the lead if it is ready for sales, else leave it to marketing as an engaged one."""
    state = lock_lead_state(lead_id)
    lead = state.lead if state else None
    if state is None or lead is None or not is_due(lead, at):
        return False
    run = IntakeRun.on_leads([lead_id], at=at)
    reason = why_now(lead)
    returned.end_wait(run.work, lead)
    if lead.stage == Stage.NURTURE:
        lifecycle.move(run.work, lead=lead, to=Stage.ENGAGED, at=at, why="resurfaced")
    facts = score_lead(run, state, lead)
    route_and_offer(run, state, lead, facts, why_now=reason)
    run.work.write()
    return True


def why_now(lead: Lead) -> str:
    """Return a line such as “Due on May 1, 2027. Sales rejected it on Nov 2, 2026: Bad timing.”"""
    assert lead.wake_on is not None, "a due lead has a date"
    latest = lead.handoffs.select_related("reason").order_by("-offered_at", "-pk").first()
    due = f"Due on {date_text(lead.wake_on)}."
    if latest is None or latest.reason is None or latest.closed_at is None:
        return due
    return f"{due} Sales rejected it on {date_text(day_of(latest.closed_at))}: {latest.reason}."
