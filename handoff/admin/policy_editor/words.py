"""SLA targets as sentences."""

from __future__ import annotations

from handoff.clock_kinds import CLOCK_KINDS
from handoff.models import SlaTarget
from handoff.sla.durations import duration_words


def span_words(target: SlaTarget, *, percent: int = 100) -> str:
    """Return the target's time, or a part of it: “30 working minutes”."""
    minutes = max(1, target.within_minutes * percent // 100)
    return duration_words(minutes, is_working=target.counts_business_time)


def scope_of(target: SlaTarget, *, has_siblings: bool = False) -> str:
    """Return which leads a target is for: “hot Consultation request leads”."""
    parts = [target.get_temperature_display().lower() if target.temperature else ""]
    parts.append(str(target.lead_type) if target.lead_type else "")
    words = " ".join(part for part in parts if part)
    if words:
        return f"{words} leads"
    return "all other leads" if has_siblings else "all leads"


def subject_of(target: SlaTarget) -> str:
    return f"{CLOCK_KINDS[target.clock].label} for {scope_of(target)}"


def sentence_of(target: SlaTarget) -> str:
    """Return “First contact within 30 working minutes for hot leads”."""
    label = CLOCK_KINDS[target.clock].label
    return f"{label} within {span_words(target)} for {scope_of(target)}"


def reassignment_words(target: SlaTarget) -> str:
    return "reassign when overdue" if target.reassigns_on_breach else "notify only"
