"""Define the payload of each kind of event, for writers and readers.

One dataclass per `EventKind`; defining it registers it. A field with a default is stored only if
it differs, to keep rows small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Final

from leads.models import EventKind, LeadEvent


@dataclass(frozen=True, kw_only=True)
class Payload:
    EVENT: ClassVar[EventKind]

    def to_json(self) -> dict[str, Any]:
        return {
            name: value
            for name, default in STORED[type(self)].items()
            if (value := getattr(self, name)) != default
        }


@dataclass(frozen=True, kw_only=True)
class Opened(Payload):
    EVENT = EventKind.OPENED

    touch: int
    source: int | None
    campaign: int | None
    lead_type: int | None
    predecessor: int | None


@dataclass(frozen=True, kw_only=True)
class OpenedEarlier(Payload):
    """An older touch arrived and became the first; `was` is the former opening in ISO 8601."""

    EVENT = EventKind.OPENED_EARLIER

    touch: int
    source: int | None
    campaign: int | None
    lead_type: int | None
    was: str


@dataclass(frozen=True, kw_only=True)
class Touched(Payload):
    EVENT = EventKind.TOUCHED

    touch: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class NewRequest(Payload):
    """A buying signal arrived while sales had the lead; `kind` is the kind of the touch.

    `user` was away, and `cover` is whom it was sent to in their place.
    """

    EVENT = EventKind.NEW_REQUEST

    handoff: int
    touch: int
    kind: str
    user: int | None = None
    cover: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scored(Payload):
    EVENT = EventKind.SCORED

    score: int
    intent: int
    was: int


# Why the stage changed, if a won deal was reversed.
REVERSED: Final = "reversed"


@dataclass(frozen=True, kw_only=True)
class StageChanged(Payload):
    """`why` is a short code; `amount` is a decimal as text, in `currency`."""

    EVENT = EventKind.STAGE_CHANGED

    why: str
    reason: str = ""
    amount: str = ""
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Routed(Payload):
    EVENT = EventKind.ROUTED

    decision: int
    rule: int | None
    target: str
    user: int | None
    team: int | None


@dataclass(frozen=True, kw_only=True)
class Offered(Payload):
    """`hop` is the number of earlier reassignments, `contact_due` when first contact is due."""

    EVENT = EventKind.OFFERED

    handoff: int
    leg: str
    user: int | None
    team: int | None
    hop: int
    contact_due: str = ""


@dataclass(frozen=True, kw_only=True)
class Viewed(Payload):
    EVENT = EventKind.VIEWED

    handoff: int


@dataclass(frozen=True, kw_only=True)
class Accepted(Payload):
    EVENT = EventKind.ACCEPTED

    handoff: int
    user: int


@dataclass(frozen=True, kw_only=True)
class Rejected(Payload):
    EVENT = EventKind.REJECTED

    handoff: int
    reason: str
    user: int


@dataclass(frozen=True, kw_only=True)
class CannotEvaluate(Payload):
    EVENT = EventKind.CANNOT_EVALUATE

    handoff: int
    fields: list[str]
    user: int


@dataclass(frozen=True, kw_only=True)
class Expired(Payload):
    """`clock` is the overdue clock and `kind` its kind."""

    EVENT = EventKind.EXPIRED

    handoff: int
    user: int | None
    team: int | None
    clock: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Payload):
    EVENT = EventKind.WITHDRAWN

    handoff: int
    user: int | None
    team: int | None
    cause: str


@dataclass(frozen=True, kw_only=True)
class Completed(Payload):
    EVENT = EventKind.COMPLETED

    handoff: int


@dataclass(frozen=True, kw_only=True)
class Attempted(Payload):
    EVENT = EventKind.ATTEMPTED

    handoff: int
    channel: str
    outcome: str
    is_first: bool


@dataclass(frozen=True, kw_only=True)
class ClockPayload(Payload):
    """`kind` is the kind of clock, `due_at` an ISO 8601 moment."""

    clock: int
    kind: str
    handoff: int
    due_at: str


@dataclass(frozen=True, kw_only=True)
class ClockWarned(ClockPayload):
    EVENT = EventKind.CLOCK_WARNED


@dataclass(frozen=True, kw_only=True)
class ClockMet(ClockPayload):
    """`is_corrected`: the clock was breached or void until a late entry met it."""

    EVENT = EventKind.CLOCK_MET

    is_corrected: bool = False


@dataclass(frozen=True, kw_only=True)
class ClockBreached(ClockPayload):
    EVENT = EventKind.CLOCK_BREACHED


@dataclass(frozen=True, kw_only=True)
class Escalated(Payload):
    EVENT = EventKind.ESCALATED

    step: str
    clock: int
    kind: str
    handoff: int


@dataclass(frozen=True, kw_only=True)
class OwnerChanged(Payload):
    EVENT = EventKind.OWNER_CHANGED

    user: int | None
    team: int | None
    why: str


@dataclass(frozen=True, kw_only=True)
class CardEdited(Payload):
    EVENT = EventKind.CARD_EDITED


@dataclass(frozen=True, kw_only=True)
class Incomplete(Payload):
    """Sales would get the lead if one of the fields were known."""

    EVENT = EventKind.INCOMPLETE

    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class DataCompleted(Payload):
    EVENT = EventKind.DATA_COMPLETED

    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class Repaired(Payload):
    """A value that was set aside was entered; source, campaign and type if the lead came so."""

    EVENT = EventKind.REPAIRED

    touch: int
    field: str
    source: int | None = None
    campaign: int | None = None
    lead_type: int | None = None


@dataclass(frozen=True, kw_only=True)
class TakesBack(Payload):
    """`taken_back` are the ids of earlier events of the lead, which no longer count."""

    taken_back: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class ImportUndone(TakesBack):
    """An import was taken back: its moves, these touches, or all of the lead no longer count."""

    EVENT = EventKind.IMPORT_UNDONE

    run: int
    touches: list[int]
    is_whole: bool = False


@dataclass(frozen=True, kw_only=True)
class AnswerUndone(TakesBack):
    """A rep took their answer back; `answer` is the kind of its event."""

    EVENT = EventKind.ANSWER_UNDONE

    handoff: int
    answer: str
    user: int


@dataclass(frozen=True, kw_only=True)
class ContactEdited(Payload):
    """`fields` are the columns of the contact that a person corrected, not their values."""

    EVENT = EventKind.CONTACT_EDITED

    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class Noted(Payload):
    """`note` is the number of the note, `mentions` the users it names; the text is not here."""

    EVENT = EventKind.NOTED

    note: int
    mentions: list[int]


@dataclass(frozen=True, kw_only=True)
class WakeDateSet(Payload):
    """`day` is an ISO 8601 date."""

    EVENT = EventKind.WAKE_DATE_SET

    day: str


@dataclass(frozen=True, kw_only=True)
class Released(Payload):
    """Marketing released the contact, who was suppressed `since` an ISO 8601 moment."""

    EVENT = EventKind.RELEASED

    since: str


def concrete_payloads(base: type[Payload] = Payload) -> list[type[Payload]]:
    payloads = []
    for payload in base.__subclasses__():
        payloads += [payload] if "EVENT" in vars(payload) else concrete_payloads(payload)
    return payloads


PAYLOADS: Final[Mapping[EventKind, type[Payload]]] = {
    payload.EVENT: payload for payload in concrete_payloads()
}


# Field names with the default that is not stored, or MISSING.
STORED: Final[Mapping[type[Payload], Mapping[str, Any]]] = {
    payload: {item.name: item.default for item in fields(payload)} for payload in PAYLOADS.values()
}


def payload_of(event: LeadEvent) -> Payload:
    """Return the payload of an event; unknown keys are ignored and missing ones are None."""
    payload = PAYLOADS[EventKind(event.kind)]
    known = STORED[payload]
    stored = {name: event.payload[name] for name in known if name in event.payload}
    missing = {name: None for name, default in known.items() if default is MISSING}
    return payload(**missing | stored)
