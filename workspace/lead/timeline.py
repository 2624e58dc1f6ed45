"""The log of a lead in words: one line an event, grouped by the reader's days."""

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
from leads.context import label_of
from leads.field_catalog import CATALOG
from leads.models import EventKind, LeadEvent, TouchKind
from leads.stages import LABELS, Stage

SOMEBODY: Final = "somebody"


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
    """What the ids and codes in payloads are called."""

    users: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    touches: Mapping[int, str] = field(default_factory=dict)
    decisions: Mapping[int, str] = field(default_factory=dict)

    def holder(self, payload: Mapping[str, Any]) -> str:
        user, team = payload.get("user"), payload.get("team")
        if user is not None:
            return self.users.get(user, SOMEBODY)
        return f"the queue {self.teams[team]}" if team and team in self.teams else SOMEBODY


Words = Callable[[LeadEvent, Names], Entry]


def days_of(events: Iterable[LeadEvent], names: Names) -> list[tuple[str, list[Entry]]]:
    """Newest first, as the timeline component wants them."""
    entries = [entry_of(event, names) for event in events if is_news(event)]
    days = groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
    return [(f"{day:%A}, {day.day} {day:%B %Y}", list(group)) for day, group in days]


# Written with another event of the same moment that says it already.
ECHOES: Final = {
    EventKind.OWNER_CHANGED: {"offered", "accepted", "rejected", "cannot_evaluate"},
    EventKind.STAGE_CHANGED: {"accepted", "cannot_evaluate"},
}


def is_news(event: LeadEvent) -> bool:
    if event.kind == EventKind.OFFERED:
        return bool(event.payload.get("hop"))
    return event.payload.get("why") not in ECHOES.get(EventKind(event.kind), set())


def entry_of(event: LeadEvent, names: Names) -> Entry:
    entry = WORDS[EventKind(event.kind)](event, names)
    by = names.users.get(event.actor_id or 0, "")
    return Entry(entry.icon, entry.title, event.occurred_at, entry.text, entry.tone, by)


def clock_words(event: LeadEvent) -> str:
    return CLOCK_KINDS[event.payload["kind"]].label.lower()


def opened(event: LeadEvent, names: Names) -> Entry:
    again = "A new pursuit opened" if event.payload.get("predecessor") else "Lead opened"
    touch = names.touches.get(event.payload.get("touch") or 0, "")
    return Entry("plus", again, event.occurred_at, touch, "accent")


def touched(event: LeadEvent, names: Names) -> Entry:
    kind = event.payload.get("kind", "")
    label = str(TouchKind(kind).label) if kind in TouchKind.values else "Touch"
    return Entry("touch", label, event.occurred_at, names.touches.get(event.payload["touch"], ""))


def scored(event: LeadEvent, names: Names) -> Entry:
    score, was = event.payload["score"], event.payload.get("was", 0)
    text = f"before: {was}" if was else ""
    return Entry("score", f"Score {score}", event.occurred_at, text)


TONES: Final = {
    Stage.WON: "good",
    Stage.LOST: "bad",
    Stage.DISQUALIFIED: "bad",
    Stage.NURTURE: "warn",
}
WHY: Final = {
    "score": "Its score reached the threshold.",
    "hand_raise": "They asked to talk to sales.",
    "accepted": "Sales accepted it.",
    "rejected": "Sales rejected it.",
    "cannot_evaluate": "Sales could not evaluate it.",
    "routed": "The rules sent it here.",
    "import": "Imported with its own date.",
    "touched_again": "They came back.",
}


def stage_changed(event: LeadEvent, names: Names) -> Entry:
    to, why = Stage(event.to_stage), event.payload.get("why", "")
    text = WHY.get(why, "")
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
        "question", "Cannot be evaluated", event.occurred_at, f"Missing: {missing}", "warn"
    )


def expired(event: LeadEvent, names: Names) -> Entry:
    text = f"The {clock_words(event)} was late."
    return Entry("clock-late", "The offer lapsed", event.occurred_at, text, "bad")


def withdrawn(event: LeadEvent, names: Names) -> Entry:
    return Entry("handoff", "The offer was withdrawn", event.occurred_at)


def completed(event: LeadEvent, names: Names) -> Entry:
    return Entry("met", "The handoff is finished", event.occurred_at)


def attempted(event: LeadEvent, names: Names) -> Entry:
    channel = Attempt.Channel(event.payload["channel"]).label
    outcome = Attempt.Outcome(event.payload["outcome"]).label
    text = "First contact" if event.payload.get("is_first") else ""
    tone = "good" if event.payload["outcome"] == Attempt.Outcome.REACHED else ""
    return Entry("phone", f"{channel}: {outcome.lower()}", event.occurred_at, text, tone)


def clock_warned(event: LeadEvent, names: Names) -> Entry:
    return Entry(
        "clock-soon", f"The {clock_words(event)} is due soon", event.occurred_at, tone="warn"
    )


def clock_met(event: LeadEvent, names: Names) -> Entry:
    return Entry("met", f"Promise kept: {clock_words(event)}", event.occurred_at, tone="good")


def clock_breached(event: LeadEvent, names: Names) -> Entry:
    return Entry(
        "clock-late", f"Promise missed: {clock_words(event)}", event.occurred_at, tone="bad"
    )


def escalated(event: LeadEvent, names: Names) -> Entry:
    step = event.payload.get("step", "")
    label = ESCALATION_STEPS[step].label if step in ESCALATION_STEPS else "Escalated"
    return Entry("bolt", label, event.occurred_at, tone="warn")


def owner_changed(event: LeadEvent, names: Names) -> Entry:
    return Entry("people", f"Now with {names.holder(event.payload)}", event.occurred_at)


def card_edited(event: LeadEvent, names: Names) -> Entry:
    return Entry("pencil", "Context card edited", event.occurred_at)


def data_completed(event: LeadEvent, names: Names) -> Entry:
    filled = ", ".join(labels_of(event.payload["fields"]))
    return Entry("pencil", "Missing data completed", event.occurred_at, filled, "good")


def labels_of(codes: Iterable[str]) -> list[str]:
    return [label_of(code) if code in CATALOG else code for code in codes]


WORDS: Final[Mapping[EventKind, Words]] = {
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
