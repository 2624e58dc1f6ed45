"""The kinds of SLA clocks. A new kind is one entry here and a target in a policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from leads.models import EventKind

MAX_CODE_LENGTH: Final = 16


class Side(StrEnum):
    SALES = "sales"
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class ClockKind:
    """The target is owed from the handoff's moment `start_field` until its moment `done_field`.

    A policy without a target for the kind uses those of `falls_back_on`, if there is one.
    Subjects may use `{label}` and `{due}`. The lead is named after them.
    """

    code: str
    label: str
    side: Side
    starts_on: EventKind
    stops_on: frozenset[EventKind]
    done_field: str
    waits_for: str
    start_field: str = "offered_at"
    falls_back_on: str = ""
    span: str = ""  # what the time covers, as a sentence
    warned_subject: str = "{label} due {due}"
    breached_subject: str = "{label} overdue"

    def __str__(self) -> str:
        return self.label

    def is_owed(self, handoff: object) -> bool:
        is_started = getattr(handoff, self.start_field) is not None
        return is_started and getattr(handoff, self.done_field) is None


CLOCK_KINDS: Final[dict[str, ClockKind]] = {}


def register(kind: ClockKind) -> ClockKind:
    if kind.code in CLOCK_KINDS or len(kind.code) > MAX_CODE_LENGTH:
        raise ValueError(f"“{kind.code}” is taken or too long for a clock kind.")
    CLOCK_KINDS[kind.code] = kind
    return kind


def choices() -> Iterable[tuple[str, str]]:
    """Return the choices of a model field; as a function, so that no kind needs a migration."""
    return [(kind.code, kind.label) for kind in CLOCK_KINDS.values()]


def kinds_started_by(event: EventKind) -> list[ClockKind]:
    return [kind for kind in CLOCK_KINDS.values() if kind.starts_on is event]


def kinds_stopped_by(event: EventKind) -> list[ClockKind]:
    return [kind for kind in CLOCK_KINDS.values() if event in kind.stops_on]


ANSWER: Final = register(
    ClockKind(
        code="answer",
        label="Response",
        side=Side.SALES,
        starts_on=EventKind.OFFERED,
        stops_on=frozenset({EventKind.ACCEPTED, EventKind.REJECTED, EventKind.CANNOT_EVALUATE}),
        done_field="answered_at",
        waits_for="to answer",
        span="From the offer until the rep accepts, rejects or can’t evaluate.",
    )
)
FIRST_CONTACT: Final = register(
    ClockKind(
        code="first_contact",
        label="First contact",
        side=Side.SALES,
        starts_on=EventKind.OFFERED,
        stops_on=frozenset({EventKind.ATTEMPTED}),
        done_field="first_contact_at",
        waits_for="to first contact",
        span="From the offer until the first logged attempt.",
    )
)
NEW_REQUEST: Final = register(
    ClockKind(
        code="new_request",
        label="New request",
        side=Side.SALES,
        starts_on=EventKind.NEW_REQUEST,
        stops_on=frozenset({EventKind.ATTEMPTED}),
        start_field="new_request_at",
        done_field="new_request_contacted_at",
        waits_for="to contact them again",
        falls_back_on=FIRST_CONTACT.code,
        span="From another request of the same contact until the next logged attempt.",
    )
)
