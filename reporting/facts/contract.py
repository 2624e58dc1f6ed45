"""The events that reporting reads from the log, with the keys of their payloads.

A key is a field of the payload's class in leads.events; SQL reads it by name.
"""

from collections.abc import Mapping
from typing import Final

from leads.events import (
    Accepted,
    AnswerUndone,
    Attempted,
    CannotEvaluate,
    ClockBreached,
    ClockMet,
    Offered,
    Opened,
    OwnerChanged,
    Payload,
    Rejected,
    StageChanged,
    Touched,
)

HANDOFF: Final = "handoff"
TEAM: Final = "team"
USER: Final = "user"
REASON: Final = "reason"
CLOCK: Final = "clock"
CLOCK_KIND: Final = "kind"
SOURCE: Final = "source"
CAMPAIGN: Final = "campaign"
LEAD_TYPE: Final = "lead_type"
CONTACT_DUE: Final = "contact_due"
DUE: Final = "due_at"
WHY: Final = "why"
IS_WHOLE: Final = "is_whole"
TOUCH: Final = "touch"
UNDONE_TOUCHES: Final = "touches"
TAKEN_BACK: Final = "taken_back"

KEYS: Final[Mapping[type[Payload], frozenset[str]]] = {
    Opened: frozenset({TOUCH, SOURCE, CAMPAIGN, LEAD_TYPE}),
    Touched: frozenset({TOUCH}),
    Offered: frozenset({HANDOFF, TEAM, USER, CONTACT_DUE}),
    Accepted: frozenset({HANDOFF, USER}),
    Rejected: frozenset({HANDOFF, USER, REASON}),
    CannotEvaluate: frozenset({HANDOFF, USER}),
    Attempted: frozenset({HANDOFF}),
    StageChanged: frozenset({WHY}),
    OwnerChanged: frozenset({USER}),
    ClockMet: frozenset({HANDOFF, CLOCK, CLOCK_KIND, DUE}),
    ClockBreached: frozenset({HANDOFF, CLOCK, CLOCK_KIND, DUE}),
    AnswerUndone: frozenset({TAKEN_BACK}),
}
# Whoever gave the first of these answers counts as the rep of the handoff.
ANSWERS: Final = (Accepted.EVENT, Rejected.EVENT, CannotEvaluate.EVENT)
