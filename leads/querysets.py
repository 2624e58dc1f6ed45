"""Which leads are open, and which a team holds; the past of a lead is known to `handoff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from core.permissions import Right
from people.models import Membership, User

if TYPE_CHECKING:
    from leads.models import Lead  # noqa: F401  (named as text below)


class LeadQuerySet(QuerySet["Lead"]):
    def open(self) -> LeadQuerySet:
        return self.filter(closed_at=None)

    def closed(self) -> LeadQuerySet:
        return self.exclude(closed_at=None)

    def held_for(self, user: User) -> LeadQuerySet:
        """Return what the user and their teams hold now, or everything if they may see it."""
        if not user.is_active or not user.may(Right.SEE_LEADS):
            return self.none()
        return self if user.may(Right.SEE_EVERY_LEAD) else self.filter(held_by_team_of(user))


def held_by_team_of(user: User) -> Q:
    teammates = Membership.objects.filter(team__in=user.team_ids).values("user")
    return Q(owner=user) | Q(queue__in=user.team_ids) | Q(owner__in=teammates)
