"""Roles, stored as Django groups, and the rights that each grants."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from core.permissions import Right


class Role(StrEnum):
    REP = "rep"
    SALES_MANAGER = "sales_manager"
    MARKETER = "marketer"
    HANDOFF_OWNER = "handoff_owner"
    OPERATIONS = "operations"
    LEADER = "leader"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS: Final[Mapping[Role, str]] = {
    Role.REP: "Sales rep",
    Role.SALES_MANAGER: "Sales manager",
    Role.MARKETER: "Marketer",
    Role.HANDOFF_OWNER: "Handoff owner",
    Role.OPERATIONS: "Operations",
    Role.LEADER: "Leader",
}


def roles_named(names: Iterable[str]) -> frozenset[Role]:
    """Return the roles with these group names; names of other groups are ignored."""
    return frozenset(role for role in Role if role.label in set(names))


SHARED_RIGHTS: Final = frozenset({Right.READ_REPORTS, Right.SEE_LEADS})
LEAD_WORK: Final = SHARED_RIGHTS | {Right.ADD_LEADS, Right.EDIT_CONTACTS}
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.REP: LEAD_WORK | {Right.ANSWER_HANDOFFS},
    Role.SALES_MANAGER: LEAD_WORK | {Right.ANSWER_HANDOFFS, Right.MANAGE_TEAM, Right.REVERSE_WON},
    Role.MARKETER: LEAD_WORK
    | {Right.SEE_EVERY_LEAD, Right.EDIT_CONTEXT, Right.EDIT_CAMPAIGNS, Right.OPEN_ADMIN},
    Role.HANDOFF_OWNER: LEAD_WORK
    | {
        Right.SEE_EVERY_LEAD,
        Right.SEE_QUEUES,
        Right.SEE_TEAMS,
        Right.EDIT_CONTEXT,
        Right.OPEN_ADMIN,
        Right.PUBLISH,
    },
    Role.OPERATIONS: LEAD_WORK
    | {
        Right.SEE_EVERY_LEAD,
        Right.SEE_QUEUES,
        Right.EDIT_CONFIGURATION,
        Right.OPEN_ADMIN,
        Right.PUBLISH,
        Right.REVERSE_WON,
    },
    Role.LEADER: SHARED_RIGHTS | {Right.SEE_EVERY_LEAD, Right.SEE_TEAMS},
}


def roles_with(right: Right) -> frozenset[Role]:
    return frozenset(role for role in Role if right in RIGHTS[role])
