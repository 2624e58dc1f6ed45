"""Decide when a lead that sales returned may be offered again.

Until its data is complete, its date is reached or a buying signal arrives, marketing keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.days import day_of
from core.formatting import date_text
from core.unit_of_work import UnitOfWork
from leads.configuration import LeadConfiguration
from leads.models import Lead, TouchKind
from leads.touches import Incoming


def keep_with_marketing(
    work: UnitOfWork,
    lead: Lead,
    *,
    at: datetime,
    signal_kinds: Sequence[str],
    wake_on: date | None = None,
    missing_fields: Sequence[str] = (),
) -> None:
    work.set(
        lead,
        returned_at=at,
        wake_on=wake_on,
        signal_kinds=list(signal_kinds),
        missing_fields=list(missing_fields),
    )


def end_wait(work: UnitOfWork, lead: Lead) -> None:
    if lead.returned_at is not None or lead.wake_on is not None or lead.missing_fields:
        work.set(lead, returned_at=None, wake_on=None, signal_kinds=[], missing_fields=[])


def why_now(
    lead: Lead,
    incoming: Incoming,
    facts: Mapping[str, Any],
    config: LeadConfiguration,
    *,
    is_repeat: bool,
) -> str:
    """Return why this touch ends the wait of a returned lead, or "" if it does not.

    A form sent twice or a page loaded again is not a new signal.
    """
    if lead.returned_at is None:
        return ""
    since = f"after sales returned the lead on {date_text(day_of(lead.returned_at))}."
    if not is_repeat and is_signal(lead.signal_kinds, incoming, config):
        kind = TouchKind(incoming.touch.kind).label
        return f"{kind} on {date_text(day_of(incoming.occurred_at))}, {since}"
    if lead.missing_fields and all(is_given(facts.get(code)) for code in lead.missing_fields):
        return f"The missing data is complete, {since}"
    return ""


def is_signal(kinds: Sequence[str], incoming: Incoming, config: LeadConfiguration) -> bool:
    """Return whether the touch is of one of the kinds, or states the lead type of one."""
    stated = incoming.touch.lead_type
    types = {config.types_by_kind[kind].code for kind in kinds if kind in config.types_by_kind}
    return incoming.touch.kind in kinds or stated in types


def is_given(value: Any) -> bool:
    return value not in (None, "", False)
