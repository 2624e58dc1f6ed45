"""Describe the events of a lead, one entry each, grouped by day in the reader's time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.utils import timezone

from handoff.clock_kinds import CLOCK_KINDS
from handoff.escalation_steps import ESCALATION_STEPS
from handoff.models import Attempt
from leads.field_catalog import CATALOG
from leads.models import EventKind, LeadEvent, TouchKind
from leads.required_context import label_of
from leads.stages import LABELS, Stage

UNKNOWN_USER: Final = "a former user"


@dataclass(frozen=True, slots=True)
class Entry:
    icon: str
    title: str
    at: datetime
    text: str = ""
    tone: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Names for the ids and codes in payloads."""

    users: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    touches: Mapping[int, str] = field(default_factory=dict)
    decisions: Mapping[int, str] = field(default_factory=dict)

    def holder(self, payload: Mapping[str, Any]) -> str:
        user, team = payload.get("user"), payload.get("team")
        if user is not None:
            return self.users.get(user, UNKNOWN_USER)
        return f"the {self.teams[team]} queue" if team and team in self.teams else UNKNOWN_USER


Describe = Callable[[LeadEvent, Names], Entry]


def days_of(events: Iterable[LeadEvent], names: Names) -> list[tuple[str, list[Entry]]]:
    """Group events, given newest first, for `components/_timeline.html`."""
    entries = [entry_of(event, names) for event in events if is_shown(event)]
    days = groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
    return [(f"{day:%A, %B} {day.day}, {day.year}", list(group)) for day, group in days]


# Causes whose own event, written at the same moment, already says it.
REDUNDANT_CAUSES: Final = {
    EventKind.OWNER_CHANGED: {"offered", "accepted", "rejected", "cannot_evaluate"},
    EventKind.STAGE_CHANGED: {"accepted", "cannot_evaluate"},
}


def is_shown(event: LeadEvent) -> bool:
    if event.kind == EventKind.OFFERED:
        return bool(event.payload.get("hop"))
    return event.payload.get("why") not in REDUNDANT_CAUSES.get(EventKind(event.kind), set())


def entry_of(event: LeadEvent, names: Names) -> Entry:
    entry = DESCRIPTIONS[EventKind(event.kind)](event, names)
    by = names.users.get(event.actor_id or 0, "")
    return Entry(entry.icon, entry.title, event.occurred_at, entry.text, entry.tone, by)


def clock_label(event: LeadEvent) -> str:
    return CLOCK_KINDS[event.payload["kind"]].label


def opened(event: LeadEvent, names: Names) -> Entry:
    title = "New lead opened" if event.payload.get("predecessor") else "Lead opened"
    touch = names.touches.get(event.payload.get("touch") or 0, "")
    return Entry("plus", title, event.occurred_at, touch, "accent")


def touched(event: LeadEvent, names: Names) -> Entry:
    kind = event.payload.get("kind", "")
    label = str(TouchKind(kind).label) if kind in TouchKind.values else "Touch"
    return Entry("touch", label, event.occurred_at, names.touches.get(event.payload["touch"], ""))


def scored(event: LeadEvent, names: Names) -> Entry:
    score, was = event.payload["score"], event.payload.get("was", 0)
    text = f"Previously {was}" if was else ""
    return Entry("score", f"Score {score}", event.occurred_at, text)


TONES: Final = {
    Stage.WON: "good",
    Stage.LOST: "bad",
    Stage.DISQUALIFIED: "bad",
    Stage.NURTURE: "warn",
}
CAUSES: Final = {
    "score": "The score reached the MQL threshold.",
    "hand_raise": "The contact asked to talk to sales.",
    "accepted": "Accepted by sales.",
    "rejected": "Rejected by sales.",
    "cannot_evaluate": "Sales could not evaluate it.",
    "routed": "Set by the routing rules.",
    "import": "Imported.",
    "touched_again": "The contact engaged again.",
}


def stage_changed(event: LeadEvent, names: Names) -> Entry:
    to, why = Stage(event.to_stage), event.payload.get("why", "")
    text = CAUSES.get(why, "")
    if amount := event.payload.get("amount"):
        text = f"{amount} {event.payload.get('currency', '')}".strip()
    return Entry("flag", LABELS[to], event.occurred_at, text, TONES.get(to, "accent"))


def routed(event: LeadEvent, names: Names) -> Entry:
    because = names.decisions.get(event.payload.get("decision") or 0, "")
    if event.payload["target"] == "nurture":
        return Entry("route", "Routed to nurture", event.occurred_at, because, "warn")
    where = names.holder(event.payload)
    return Entry("route", f"Routed to {where}", event.occurred_at, because)


def offered(event: LeadEvent, names: Names) -> Entry:
    hop = event.payload.get("hop", 0)
    text = f"Reassignment {hop}" if hop else ""
    return Entry(
        "handoff", f"Offered to {names.holder(event.payload)}", event.occurred_at, text, "accent"
    )


def viewed(event: LeadEvent, names: Names) -> Entry:
    return Entry("person", "Opened for the first time", event.occurred_at)


def accepted(event: LeadEvent, names: Names) -> Entry:
    return Entry("check", "Accepted", event.occurred_at, tone="good")


def rejected(event: LeadEvent, names: Names) -> Entry:
    reason = event.payload["reason"]
    label = names.reasons.get(reason, reason)
    return Entry("cross", f"Rejected: {label}", event.occurred_at, tone="bad")


def cannot_evaluate(event: LeadEvent, names: Names) -> Entry:
    missing = ", ".join(labels_of(event.payload["fields"]))
    return Entry(
        "question", "Could not be evaluated", event.occurred_at, f"Missing: {missing}", "warn"
    )


def expired(event: LeadEvent, names: Names) -> Entry:
    text = f"{clock_label(event)} SLA breached"
    return Entry("clock-late", "Offer expired", event.occurred_at, text, "bad")


def withdrawn(event: LeadEvent, names: Names) -> Entry:
    return Entry("handoff", "Offer withdrawn", event.occurred_at)


def completed(event: LeadEvent, names: Names) -> Entry:
    return Entry("met", "Handoff completed", event.occurred_at)


def attempted(event: LeadEvent, names: Names) -> Entry:
    channel = Attempt.Channel(event.payload["channel"]).label
    outcome = Attempt.Outcome(event.payload["outcome"]).label
    text = "First contact" if event.payload.get("is_first") else ""
    tone = "good" if event.payload["outcome"] == Attempt.Outcome.REACHED else ""
    return Entry("phone", f"{channel}: {outcome.lower()}", event.occurred_at, text, tone)


def clock_warned(event: LeadEvent, names: Names) -> Entry:
    return Entry("clock-soon", f"{clock_label(event)} due soon", event.occurred_at, tone="warn")


def clock_met(event: LeadEvent, names: Names) -> Entry:
    return Entry("met", f"{clock_label(event)} SLA met", event.occurred_at, tone="good")


def clock_breached(event: LeadEvent, names: Names) -> Entry:
    return Entry("clock-late", f"{clock_label(event)} SLA breached", event.occurred_at, tone="bad")


def escalated(event: LeadEvent, names: Names) -> Entry:
    step = event.payload.get("step", "")
    label = ESCALATION_STEPS[step].label if step in ESCALATION_STEPS else "Escalated"
    return Entry("bolt", label, event.occurred_at, tone="warn")


def owner_changed(event: LeadEvent, names: Names) -> Entry:
    return Entry("people", f"Assigned to {names.holder(event.payload)}", event.occurred_at)


def card_edited(event: LeadEvent, names: Names) -> Entry:
    return Entry("pencil", "Context card edited", event.occurred_at)


def data_completed(event: LeadEvent, names: Names) -> Entry:
    filled = ", ".join(labels_of(event.payload["fields"]))
    return Entry("pencil", "Missing fields completed", event.occurred_at, filled, "good")


def labels_of(codes: Iterable[str]) -> list[str]:
    return [label_of(code) if code in CATALOG else code for code in codes]


DESCRIPTIONS: Final[Mapping[EventKind, Describe]] = {
    EventKind.OPENED: opened,
    EventKind.TOUCHED: touched,
    EventKind.SCORED: scored,
    EventKind.STAGE_CHANGED: stage_changed,
    EventKind.ROUTED: routed,
    EventKind.OFFERED: offered,
    EventKind.VIEWED: viewed,
    EventKind.ACCEPTED: accepted,
    EventKind.REJECTED: rejected,
    EventKind.CANNOT_EVALUATE: cannot_evaluate,
    EventKind.EXPIRED: expired,
    EventKind.WITHDRAWN: withdrawn,
    EventKind.COMPLETED: completed,
    EventKind.ATTEMPTED: attempted,
    EventKind.CLOCK_WARNED: clock_warned,
    EventKind.CLOCK_MET: clock_met,
    EventKind.CLOCK_BREACHED: clock_breached,
    EventKind.ESCALATED: escalated,
    EventKind.OWNER_CHANGED: owner_changed,
    EventKind.CARD_EDITED: card_edited,
    EventKind.DATA_COMPLETED: data_completed,
}
