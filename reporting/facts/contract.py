"""What reporting reads from the log: kinds of events, and the keys of their payloads."""

from collections.abc import Mapping
from typing import Final

from handoff.models import ClockKind
from leads.models import EventKind

HANDOFF: Final = "handoff"
TEAM: Final = "team"
USER: Final = "user"
REASON: Final = "reason"
CLOCK_KIND: Final = "kind"

# The answers of a handoff; whoever gave the first one counts as its rep.
ANSWERS: Final = (EventKind.ACCEPTED, EventKind.REJECTED, EventKind.CANNOT_EVALUATE)
PAYLOAD_KEYS: Final[Mapping[EventKind, frozenset[str]]] = {
    EventKind.OFFERED: frozenset({HANDOFF, TEAM, USER}),
    EventKind.ACCEPTED: frozenset({HANDOFF, USER}),
    EventKind.REJECTED: frozenset({HANDOFF, USER, REASON}),
    EventKind.CANNOT_EVALUATE: frozenset({HANDOFF, USER}),
    EventKind.ATTEMPTED: frozenset({HANDOFF}),
    EventKind.OWNER_CHANGED: frozenset({USER}),
    EventKind.CLOCK_MET: frozenset({HANDOFF, CLOCK_KIND}),
    EventKind.CLOCK_BREACHED: frozenset({HANDOFF, CLOCK_KIND}),
}
CLOCK_KINDS: Final = (ClockKind.ANSWER, ClockKind.FIRST_CONTACT)
