"""Say why marketing has to complete leads, with the note of the rep who returned them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from django.db.models import QuerySet

from core.compiled import CompiledQuery
from handoff.lead_access import RETURNED_STATES
from handoff.models import Handoff
from leads.field_catalog import CATALOG
from leads.models import Lead
from leads.required_context import label_of


def return_reasons(lead_ids: Collection[int]) -> Mapping[int, str]:
    """Return the text for each lead that marketing has to complete."""
    if not lead_ids:
        return {}
    reasons = {
        lead_id: return_reason(handoff) for lead_id, handoff in latest_returns(lead_ids).items()
    }
    if others := set(lead_ids) - reasons.keys():
        out_of_reach = Lead.objects.filter(pk__in=others).exclude(missing_fields=[])
        reasons |= {
            lead_id: f"Missing: {' or '.join(map(label_of, fields))}"
            for lead_id, fields in out_of_reach.values_list("pk", "missing_fields")
        }
    return reasons


def latest_returns(lead_ids: Collection[int]) -> dict[int, Handoff]:
    """Return the latest handoff of each lead that sales returned, with reason and people."""
    if not lead_ids:
        return {}
    return {handoff.lead_id: handoff for handoff in LATEST_RETURNS.rows(lead_ids=[*lead_ids])}


def latest_returns_of(*, lead_ids: list[int]) -> QuerySet[Handoff]:
    answered = Handoff.objects.filter(lead__in=lead_ids, state__in=RETURNED_STATES)
    latest = answered.order_by("lead", "-offered_at", "-pk").distinct("lead")
    return latest.select_related("reason", "rejection", "answered_by", "owner").only(
        *("lead", "state", "missing_fields", "answered_at", "reason", "rejection__note"),
        *("answered_by__name", "answered_by__email", "owner__name", "owner__email"),
    )


LATEST_RETURNS: Final = CompiledQuery(latest_returns_of)


def return_reason(handoff: Handoff) -> str:
    """Return a text such as “Bad data: “The number is not in service.”” or “Missing: Phone”."""
    if handoff.state == Handoff.State.CANNOT_EVALUATE:
        labels = (label_of(code) if code in CATALOG else code for code in handoff.missing_fields)
        return f"Missing: {', '.join(labels)}"
    assert handoff.reason is not None
    return with_note(handoff.reason.label, handoff.rejection.note)


def with_note(label: str, note: str) -> str:
    return f"{label}: “{note}”" if note else label
