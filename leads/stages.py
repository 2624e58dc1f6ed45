"""The funnel as a table: which stages there are and which moves between them are legal (DEF-08)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Stored codes are fixed; the wording behind each is versioned content (DEF-02)."""

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
    # Back to engaged: sales could not evaluate it, and marketing has to complete it (REJ-02).
    Stage.MQL: frozenset({Stage.SAL, Stage.ENGAGED, Stage.NURTURE, Stage.DISQUALIFIED}),
    Stage.SAL: frozenset({Stage.SQL, Stage.ENGAGED, Stage.NURTURE, Stage.DISQUALIFIED, Stage.LOST}),
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
# Sales says no, or that it cannot judge, until it has qualified the lead itself (DEF-07).
UNQUALIFIED: Final[frozenset[Stage]] = frozenset({Stage.MQL, Stage.SAL})
CLOSED: Final[frozenset[Stage]] = frozenset({Stage.WON, Stage.LOST, Stage.DISQUALIFIED})
CHOICES: Final[tuple[tuple[str, str], ...]] = tuple((stage.value, stage.label) for stage in Stage)


def may_move(start: Stage, to: Stage) -> bool:
    return to in MOVES[start]


def is_closed(stage: Stage) -> bool:
    """A closed pursuit stays closed: a new enquiry opens a new one that knows this one."""
    return stage in CLOSED
