"""Define the stages of a lead and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Codes are stored and fixed; the definition of each stage is versioned content."""

    NEW = "new"
    ENGAGED = "engaged"
    MQL = "mql"
    SAL = "sal"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"
    NURTURE = "nurture"
    DISQUALIFIED = "disqualified"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS: Final[Mapping[Stage, str]] = {
    Stage.NEW: "New",
    Stage.ENGAGED: "Engaged",
    Stage.MQL: "Marketing qualified",
    Stage.SAL: "Sales accepted",
    Stage.SQL: "Sales qualified",
    Stage.OPPORTUNITY: "Opportunity",
    Stage.WON: "Won",
    Stage.LOST: "Lost",
    Stage.NURTURE: "Nurture",
    Stage.DISQUALIFIED: "Disqualified",
}

MOVES: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.NEW: frozenset({Stage.ENGAGED, Stage.MQL, Stage.NURTURE, Stage.DISQUALIFIED}),
    Stage.ENGAGED: frozenset({Stage.MQL, Stage.NURTURE, Stage.DISQUALIFIED}),
    # Back to engaged when sales cannot evaluate the lead and marketing completes it.
    Stage.MQL: frozenset({Stage.SAL, Stage.ENGAGED, Stage.NURTURE, Stage.DISQUALIFIED}),
    # Not to lost: until sales has qualified a lead, it is rejected with a reason.
    Stage.SAL: frozenset({Stage.SQL, Stage.ENGAGED, Stage.NURTURE, Stage.DISQUALIFIED}),
    Stage.SQL: frozenset({Stage.OPPORTUNITY, Stage.NURTURE, Stage.LOST, Stage.DISQUALIFIED}),
    Stage.OPPORTUNITY: frozenset({Stage.WON, Stage.LOST, Stage.NURTURE}),
    Stage.WON: frozenset(),
    Stage.LOST: frozenset(),
    Stage.NURTURE: frozenset({Stage.ENGAGED, Stage.MQL, Stage.DISQUALIFIED}),
    Stage.DISQUALIFIED: frozenset(),
}

FUNNEL: Final[tuple[Stage, ...]] = (
    Stage.NEW,
    Stage.ENGAGED,
    Stage.MQL,
    Stage.SAL,
    Stage.SQL,
    Stage.OPPORTUNITY,
    Stage.WON,
)
# Sales can reject a lead, or report that it cannot evaluate it, until it has qualified it.
UNQUALIFIED: Final[frozenset[Stage]] = frozenset({Stage.MQL, Stage.SAL})
CLOSED: Final[frozenset[Stage]] = frozenset({Stage.WON, Stage.LOST, Stage.DISQUALIFIED})
# A won deal that is reversed is an opportunity again, or lost.
AFTER_REVERSAL: Final[tuple[Stage, ...]] = (Stage.OPPORTUNITY, Stage.LOST)
CHOICES: Final[tuple[tuple[str, str], ...]] = tuple((stage.value, stage.label) for stage in Stage)


def may_move(start: Stage, to: Stage) -> bool:
    return to in MOVES[start]


def is_closed(stage: Stage) -> bool:
    """Return whether the stage is final: a later inquiry opens a new lead."""
    return stage in CLOSED
