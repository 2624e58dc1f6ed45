"""Which handoffs are open, and who may answer them; who may see them is the lead's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from core.permissions import Right
from people.models import Membership, User

if TYPE_CHECKING:
    from handoff.models import Handoff  # noqa: F401  (named as text below)


class HandoffQuerySet(QuerySet["Handoff"]):
    def open(self) -> HandoffQuerySet:
        return self.filter(closed_at=None)

    def offered(self) -> HandoffQuerySet:
        return self.open().filter(state="offered")

    def answerable_by(self, user: User) -> HandoffQuerySet:
        """One's own, those in one's queues, and for a manager all of the team's.

        That is what its members have, and what came through it to somebody who left it since.
        """
        if Right.ANSWER_HANDOFFS not in user.rights:
            return self.none()
        mine = Q(owner=user) | Q(owner=None, queue__in=user.team_ids)
        if Right.MANAGE_TEAM in user.rights:
            managed = Membership.objects.filter(team__manager=user).values("user")
            mine |= Q(owner__in=managed) | Q(team__manager=user)
        return self.filter(mine)
