"""Roles are Django groups; what each may do is decided here once (interface.md, "Roles")."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    SELLER = "seller"
    SALES_MANAGER = "sales_manager"
    MARKETER = "marketer"
    HANDOFF_OWNER = "handoff_owner"
    OPERATIONS = "operations"
    LEADER = "leader"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS: Final[Mapping[Role, str]] = {
    Role.SELLER: "Seller",
    Role.SALES_MANAGER: "Sales manager",
    Role.MARKETER: "Marketer",
    Role.HANDOFF_OWNER: "Handoff owner",
    Role.OPERATIONS: "Operations",
    Role.LEADER: "Leader",
}


def roles_named(names: Iterable[str]) -> frozenset[Role]:
    """The roles among the names of groups; other groups may exist beside them."""
    return frozenset(role for role in Role if role.label in set(names))


SEES_EVERY_LEAD: Final = frozenset(
    {Role.MARKETER, Role.HANDOFF_OWNER, Role.OPERATIONS, Role.LEADER}
)
ANSWERS_HANDOFFS: Final = frozenset({Role.SELLER, Role.SALES_MANAGER})
RUNS_A_TEAM: Final = frozenset({Role.SALES_MANAGER})
EDITS_CONTEXT: Final = frozenset({Role.MARKETER, Role.HANDOFF_OWNER})
READS_REPORTS: Final = frozenset(Role)
EDITS_CONFIGURATION: Final = frozenset({Role.OPERATIONS})
OPENS_ADMIN: Final = frozenset({Role.OPERATIONS, Role.HANDOFF_OWNER, Role.MARKETER})
PUBLISHES: Final = frozenset({Role.OPERATIONS, Role.HANDOFF_OWNER})

# Where each role lands after signing in; the first role a person has, in this order, decides.
HOMES: Final[Mapping[Role, str]] = {
    Role.OPERATIONS: "admin:index",
    Role.HANDOFF_OWNER: "reporting:overview",
    Role.LEADER: "reporting:overview",
    Role.MARKETER: "reporting:sources",
    Role.SALES_MANAGER: "handoff:team_desk",
    Role.SELLER: "handoff:inbox",
}
