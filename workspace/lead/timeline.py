"""Describe the events of a lead, one entry each, grouped by day in the reader's time zone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import singledispatch
from itertools import groupby
from typing import Final, NamedTuple

from django.utils import timezone

from core.formatting import amount_text, counted, date_text, long_date_text
from handoff.clock_kinds import CLOCK_KINDS
from handoff.escalation_steps import ESCALATION_STEPS
from handoff.models import Attempt
from leads import events
from leads.data_quality import field_label
from leads.events import Payload, payload_of
from leads.field_catalog import CATALOG
from leads.models import EventKind, LeadEvent, TouchKind
from leads.models.log import TAKEN_BACK
from leads.required_context import label_of
from leads.stages import LABELS, Stage
from workspace.lead.linked_names import person_href, queue_href

MAX_UNFOLDED: Final = 3
UNKNOWN_USER: Final = "a former user"


@dataclass(frozen=True, slots=True)
class Description:
    icon: str
    title: str
    text: str = ""
    tone: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    by: str
    description: Description
    is_taken_back: bool = False
    by_id: int | None = None
    hrefs: Mapping[str, str] = field(default_factory=dict)


Day = tuple[str, list[Entry]]


@dataclass(frozen=True, slots=True)
class Names:
    """Names for ids and codes in payloads; notes of rejections by handoff, and notes by number."""

    users: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    touches: Mapping[int, str] = field(default_factory=dict)
    decisions: Mapping[int, str] = field(default_factory=dict)
    losses: Mapping[str, str] = field(default_factory=dict)
    reversals: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    written: Mapping[int, str] = field(default_factory=dict)
    campaign_hrefs: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    rule_hrefs: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def holder(self, user_id: int | None, team_id: int | None) -> str:
        if user_id is not None:
            return self.users.get(user_id, UNKNOWN_USER)
        team = self.teams.get(team_id or 0)
        return f"the {team} queue" if team else UNKNOWN_USER


class Undone(NamedTuple):
    """Ids of events and touches that no longer count."""

    events: Collection[int] = ()
    touches: Collection[int] = ()


NOTHING_UNDONE: Final = Undone()


@dataclass(frozen=True)
class Activity:
    """Entries, newest first, by day; the latest are shown and the others folded."""

    entries: Sequence[Entry]

    @property
    def days(self) -> list[Day]:
        return days_of(self.entries)

    @property
    def latest(self) -> list[Day]:
        return days_of(self.entries[:MAX_UNFOLDED])

    @property
    def earlier(self) -> list[Day]:
        return days_of(self.entries[MAX_UNFOLDED:])

    @property
    def earlier_count(self) -> int:
        return len(self.entries[MAX_UNFOLDED:])


def entries_of(
    log: Sequence[LeadEvent], names: Names, *, later: Sequence[LeadEvent] = ()
) -> list[Entry]:
    """Describe the events that are shown; `later` are events that may take them back."""
    undone = undone_ids([*later, *log])
    return [entry_of(event, names, undone) for event in log if is_shown(event)]


def days_of(entries: Iterable[Entry]) -> list[Day]:
    """Group entries for `components/_timeline.html`."""
    days = groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
    return [(long_date_text(day), list(group)) for day, group in days]


# Causes whose own event, written at the same moment, already says it.
REDUNDANT_CAUSES: Final = {
    EventKind.OWNER_CHANGED: {
        "offered",
        "accepted",
        "rejected",
        "cannot_evaluate",
        events.REVERSED,
    },
    EventKind.STAGE_CHANGED: {"accepted", "cannot_evaluate", "wake_date"},
}


def is_shown(event: LeadEvent) -> bool:
    payload = payload_of(event)
    if isinstance(payload, events.Offered):
        return bool(payload.hop)
    if isinstance(payload, events.OwnerChanged | events.StageChanged):
        return payload.why not in REDUNDANT_CAUSES[payload.EVENT]
    return True


def undone_ids(log: Iterable[LeadEvent]) -> Undone:
    """Return what later events take back; they come before it in the log of the page."""
    payloads = [payload_of(event) for event in log]
    return Undone(
        {id_ for payload in payloads for id_ in getattr(payload, TAKEN_BACK, ())},
        {
            touch_id
            for payload in payloads
            if isinstance(payload, events.ImportUndone)
            for touch_id in payload.touches
        },
    )


def entry_of(event: LeadEvent, names: Names, undone: Undone = NOTHING_UNDONE) -> Entry:
    payload = payload_of(event)
    is_taken_back = event.pk in undone.events or (
        isinstance(payload, events.Opened | events.OpenedEarlier | events.Touched)
        and payload.touch in undone.touches
    )
    by = names.users.get(event.actor_id or 0, "")
    if is_taken_back:
        # The note of a rejection that counts may be another one.
        names = replace(names, notes={})
    what = describe(payload, event, names)
    hrefs = hrefs_of(payload, names)
    return Entry(event.occurred_at, by, what, is_taken_back, event.actor_id, hrefs)


def hrefs_of(payload: Payload, names: Names) -> dict[str, str]:
    """Return the pages of what an event names, by name: campaign and rule by touch and decision."""
    hrefs = {
        **names.campaign_hrefs.get(getattr(payload, "touch", None) or 0, {}),
        **names.rule_hrefs.get(getattr(payload, "decision", None) or 0, {}),
    }
    for user_id in (getattr(payload, "user", None) or 0, getattr(payload, "cover", None) or 0):
        if user_id in names.users:
            hrefs[names.users[user_id]] = person_href(user_id)
    team_id = getattr(payload, "team", None) or 0
    if team_id in names.teams:
        hrefs[f"{names.teams[team_id]} queue"] = queue_href(team_id)
    return hrefs


@singledispatch
def describe(payload: Payload, event: LeadEvent, names: Names) -> Description:
    """Describe an event; there is one function for each kind of payload."""
    raise NotImplementedError(f"no description of {type(payload).__name__}")


def clock_label(kind: str) -> str:
    return CLOCK_KINDS[kind].label


@describe.register
def _(payload: events.Opened, event: LeadEvent, names: Names) -> Description:
    title = "New lead opened" if payload.predecessor else "Lead opened"
    touch = names.touches.get(payload.touch or 0, "")
    return Description("plus", title, touch, "accent")


@describe.register
def _(payload: events.OpenedEarlier, event: LeadEvent, names: Names) -> Description:
    touch = names.touches.get(payload.touch, "")
    return Description("plus", "Lead opened by a touch that arrived later", touch)


@describe.register
def _(payload: events.Touched, event: LeadEvent, names: Names) -> Description:
    kind = payload.kind
    label = str(TouchKind(kind).label) if kind in TouchKind.values else "Touch"
    return Description("touch", label, names.touches.get(payload.touch, ""))


@describe.register
def _(payload: events.NewRequest, event: LeadEvent, names: Names) -> Description:
    label = str(TouchKind(payload.kind).label) if payload.kind in TouchKind.values else ""
    if payload.cover is not None:
        cover, owner = names.holder(payload.cover, None), names.holder(payload.user, None)
        label += f". {cover} covers for {owner}."
    return Description("bolt", "New request while sales has the lead", label, "warn")


@describe.register
def _(payload: events.Scored, event: LeadEvent, names: Names) -> Description:
    score, was = payload.score, payload.was
    text = f"Previously {was}" if was else ""
    return Description("score", f"Score {score}", text)


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
    "import_undone": "Its import was taken back.",
    "resurfaced": "Its date has come.",
    "touched_again": "The contact engaged again.",
    "exception": "Sent to sales by marketing as an exception.",
    "taken": "Taken by the rep who added it.",
    "marketing": "Disqualified by marketing.",
}


@describe.register
def _(payload: events.StageChanged, event: LeadEvent, names: Names) -> Description:
    to, why = Stage(event.to_stage), payload.why
    if why == events.REVERSED:
        back = "Won deal reversed, back to opportunity"
        title = "Won deal reversed as lost" if to is Stage.LOST else back
        return Description("flag", title, names.reversals.get(payload.reason, ""), "warn")
    text = CAUSES.get(why, "")
    if to is Stage.LOST and payload.reason:
        text = names.losses.get(payload.reason, payload.reason)
    elif why == "marketing":
        text = f"{text} {names.reasons.get(payload.reason, payload.reason)}."
    elif why == "import" and payload.reason:
        text = names.reasons.get(payload.reason, payload.reason)
    elif amount := payload.amount:
        text = amount_text(Decimal(amount), payload.currency)
    return Description("flag", LABELS[to], text, TONES.get(to, "accent"))


@describe.register
def _(payload: events.Routed, event: LeadEvent, names: Names) -> Description:
    because = names.decisions.get(payload.decision or 0, "")
    if payload.target == "nurture":
        return Description("route", "Routed to nurture", because, "warn")
    where = names.holder(payload.user, payload.team)
    return Description("route", f"Routed to {where}", because)


@describe.register
def _(payload: events.Offered, event: LeadEvent, names: Names) -> Description:
    hop = payload.hop
    text = f"Reassignment {hop}" if hop else ""
    return Description(
        "handoff",
        f"Offered to {names.holder(payload.user, payload.team)}",
        text,
        "accent",
    )


@describe.register
def _(payload: events.Viewed, event: LeadEvent, names: Names) -> Description:
    return Description("person", "Opened for the first time")


@describe.register
def _(payload: events.Accepted, event: LeadEvent, names: Names) -> Description:
    return Description("check", "Accepted", tone="good")


@describe.register
def _(payload: events.Rejected, event: LeadEvent, names: Names) -> Description:
    reason = payload.reason
    label = names.reasons.get(reason, reason)
    note = names.notes.get(payload.handoff, "")
    return Description("cross", f"Rejected: {label}", f"“{note}”" if note else "", "bad")


@describe.register
def describe_cannot_evaluate(
    payload: events.CannotEvaluate, event: LeadEvent, names: Names
) -> Description:
    missing = ", ".join(labels_of(payload.fields))
    return Description("question", "Could not be evaluated", f"Missing: {missing}", "warn")


@describe.register
def _(payload: events.Expired, event: LeadEvent, names: Names) -> Description:
    text = f"{clock_label(payload.kind)} SLA breached"
    return Description("clock-late", "Offer expired", text, "bad")


WITHDRAWALS: Final = {
    "left": "The owner left.",
    "import_undone": "Its import was taken back.",
    "no_role": "The owner may no longer answer leads.",
    "away": "The owner is away.",
    "available": "Someone is available again.",
}


@describe.register
def _(payload: events.Withdrawn, event: LeadEvent, names: Names) -> Description:
    return Description("handoff", "Offer withdrawn", WITHDRAWALS.get(payload.cause, ""))


@describe.register
def _(payload: events.Completed, event: LeadEvent, names: Names) -> Description:
    return Description("met", "Handoff completed")


@describe.register
def _(payload: events.Attempted, event: LeadEvent, names: Names) -> Description:
    channel = Attempt.Channel(payload.channel).label
    outcome = Attempt.Outcome(payload.outcome).label
    text = "First contact" if payload.is_first else ""
    tone = "good" if payload.outcome == Attempt.Outcome.REACHED else ""
    return Description("phone", f"{channel}: {outcome.lower()}", text, tone)


@describe.register
def _(payload: events.ClockWarned, event: LeadEvent, names: Names) -> Description:
    return Description("clock-soon", f"{clock_label(payload.kind)} due soon", tone="warn")


@describe.register
def _(payload: events.ClockMet, event: LeadEvent, names: Names) -> Description:
    late = ", entered after it had ended" if payload.is_corrected else ""
    return Description("met", f"{clock_label(payload.kind)} SLA met{late}", tone="good")


@describe.register
def _(payload: events.ClockBreached, event: LeadEvent, names: Names) -> Description:
    return Description("clock-late", f"{clock_label(payload.kind)} SLA breached", tone="bad")


@describe.register
def _(payload: events.Escalated, event: LeadEvent, names: Names) -> Description:
    step = payload.step
    label = ESCALATION_STEPS[step].label if step in ESCALATION_STEPS else "Escalated"
    return Description("bolt", label, tone="warn")


@describe.register
def _(payload: events.OwnerChanged, event: LeadEvent, names: Names) -> Description:
    return Description("people", f"Assigned to {names.holder(payload.user, payload.team)}")


@describe.register
def _(payload: events.CardEdited, event: LeadEvent, names: Names) -> Description:
    return Description("pencil", "Context card edited")


@describe.register
def _(payload: events.ContactEdited, event: LeadEvent, names: Names) -> Description:
    return Description("pencil", "Contact edited", ", ".join(map(field_label, payload.fields)))


@describe.register
def _(payload: events.Noted, event: LeadEvent, names: Names) -> Description:
    text = names.written.get(payload.note, "")
    return Description("pencil", "Note", text, anchor=f"note-{payload.note}")


@describe.register
def _(payload: events.Incomplete, event: LeadEvent, names: Names) -> Description:
    missing = " or ".join(labels_of(payload.fields))
    return Description("question", "Not offered to sales yet", f"Missing: {missing}", "warn")


@describe.register
def _(payload: events.DataCompleted, event: LeadEvent, names: Names) -> Description:
    filled = ", ".join(labels_of(payload.fields))
    return Description("pencil", "Missing fields completed", filled, "good")


@describe.register
def _(payload: events.Repaired, event: LeadEvent, names: Names) -> Description:
    return Description("pencil", "Value repaired", field_label(payload.field), "good")


@describe.register
def _(payload: events.ImportUndone, event: LeadEvent, names: Names) -> Description:
    count = counted(len(payload.touches), "touch no longer counts", "touches no longer count")
    text = f"{count}."
    if payload.is_whole:
        text = "Reports do not count this lead."
    elif payload.taken_back:
        text = "The lead is as it was before."
    return Description("cross", "Import taken back", text, "warn")


UNDONE_ANSWERS: Final = {
    EventKind.ACCEPTED.value: "Acceptance taken back",
    EventKind.REJECTED.value: "Rejection taken back",
    EventKind.CANNOT_EVALUATE.value: "“Cannot evaluate” taken back",
}


@describe.register
def _(payload: events.AnswerUndone, event: LeadEvent, names: Names) -> Description:
    title = UNDONE_ANSWERS.get(payload.answer, "Answer taken back")
    return Description("refresh", title, "The lead is as it was before.", "warn")


@describe.register
def _(payload: events.WakeDateSet, event: LeadEvent, names: Names) -> Description:
    day = date_text(date.fromisoformat(payload.day))
    return Description("calendar", f"To resurface on {day}", tone="warn")


@describe.register
def _(payload: events.Released, event: LeadEvent, names: Names) -> Description:
    day = date_text(datetime.fromisoformat(payload.since))
    return Description("check", "Contact released", f"Suppressed since {day}", "good")


def labels_of(codes: Iterable[str]) -> list[str]:
    return [label_of(code) if code in CATALOG else code for code in codes]
