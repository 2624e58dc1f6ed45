"""Who may see which lead, decided once for pages, API and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from people.models import Membership, User
from people.roles import SEES_EVERY_LEAD

if TYPE_CHECKING:
    from leads.models import Lead  # noqa: F401


class LeadQuerySet(QuerySet["Lead"]):
    def open(self) -> LeadQuerySet:
        return self.filter(closed_at=None)

    def closed(self) -> LeadQuerySet:
        return self.exclude(closed_at=None)

    def visible_to(self, user: User) -> LeadQuerySet:
        """Sellers and managers see their own leads and their teams'; the others see all."""
        if not user.is_active:
            return self.none()
        if user.is_superuser or user.has_role(*SEES_EVERY_LEAD):
            return self
        if not user.roles:
            return self.none()
        teammates = Membership.objects.filter(team__in=user.team_ids).values("user")
        return self.filter(Q(owner=user) | Q(queue__in=user.team_ids) | Q(owner__in=teammates))
