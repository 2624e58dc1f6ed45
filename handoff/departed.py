"""Tell which owners cannot work leads any more, and notify their managers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import Q

from core.formatting import counted
from core.permissions import Right
from handoff.notice_kinds import LEADS_REASSIGNED
from leads.models import Lead
from people.choices import able_users
from people.models import Team, User
from people.notices import write_notices

MAX_LISTED: Final = 20


class Cause(StrEnum):
    """The values are stored with the withdrawn offer."""

    LEFT = "left"
    NO_ROLE = "no_role"
    AWAY = "away"


TEXTS: Final[Mapping[Cause, str]] = {
    Cause.LEFT: "{} has left",
    Cause.NO_ROLE: "{} may no longer answer leads",
    Cause.AWAY: "{} is away",
}


@dataclass(frozen=True, slots=True)
class Reassigned:
    """A lead and its new owner or queue, by name."""

    lead_id: int
    to: str


def gone(person: str = "") -> Q:
    """Match users, or rows whose `person` is one, who cannot work leads any more."""
    prefix = f"{person}__" if person else ""
    able = able_users(Right.ANSWER_HANDOFFS)
    return ~Q(**{f"{prefix}pk__in": able.values("pk")})


def cause_of(user: User) -> Cause:
    """Return why a person who cannot work leads cannot."""
    return Cause.NO_ROLE if user.is_active else Cause.LEFT


def why_gone(user: User, cause: Cause) -> str:
    return f"{TEXTS[cause].format(user)}."


def in_words(leads: Iterable[Lead]) -> Iterator[Reassigned]:
    moved = list(leads)
    users = User.objects.in_bulk({lead.owner_id for lead in moved if lead.owner_id})
    teams = Team.objects.in_bulk({lead.queue_id for lead in moved if lead.queue_id})
    for lead in moved:
        owner = users.get(lead.owner_id or 0)
        yield Reassigned(lead.pk, str(owner or f"the {teams[lead.queue_id or 0]} queue"))


def notify_managers(
    user: User,
    team_ids: Collection[int | None],
    moved: Collection[Reassigned],
    *,
    why: str,
    at: datetime,
) -> None:
    count = counted(len(moved), "lead was", "leads were")
    lines = [f"Lead {row.lead_id}: {row.to}" for row in list(moved)[:MAX_LISTED]]
    if len(moved) > MAX_LISTED:
        lines.append(f"and {len(moved) - MAX_LISTED} more")
    first = next(iter(moved))
    drafts = [
        LEADS_REASSIGNED.draft(
            recipient_id,
            occasion=f"{user.pk}:{at:%Y%m%dT%H%M%S.%f}",
            subject=f"{count} reassigned: {why.removesuffix('.')}"[:200],
            body="\n".join(lines),
            path=Lead(pk=first.lead_id).get_absolute_url() if len(moved) == 1 else "",
        )
        for recipient_id in managers_of(team_ids, user.pk)
    ]
    write_notices(drafts, at=at)


def managers_of(team_ids: Collection[int | None], user_id: int = 0) -> list[int]:
    """Return the managers of these teams and of the user; without any, all of operations."""
    teams = Team.objects.filter(Q(pk__in=set(team_ids) - {None}) | Q(memberships__user=user_id))
    managers = teams.filter(manager__is_active=True).exclude(manager=user_id)
    user_ids = set(managers.values_list("manager_id", flat=True))
    if not user_ids:
        operations = able_users(Right.EDIT_CONFIGURATION)
        user_ids = set(operations.values_list("pk", flat=True))
    return sorted(pk for pk in user_ids if pk is not None)
