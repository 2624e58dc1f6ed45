"""Who may see which lead, decided once for pages, API and exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.permissions import Right
from leads.stages import Stage
from people.models import Membership, User

if TYPE_CHECKING:
    from leads.models import Lead  # noqa: F401

SAID_NO: Final = ("cannot_evaluate", "rejected")


class LeadQuerySet(QuerySet["Lead"]):
    def open(self) -> LeadQuerySet:
        return self.filter(closed_at=None)

    def closed(self) -> LeadQuerySet:
        return self.exclude(closed_at=None)

    def answered_by(self, user: User) -> LeadQuerySet:
        """Of which they once accepted, rejected or could not evaluate a handoff."""
        answered = self.model._default_manager.filter(handoffs__answered_by=user)
        return self.filter(pk__in=answered.values("pk"))

    def sent_back(self) -> LeadQuerySet:
        """What sales could not evaluate or gave back, and marketing has to complete (REJ-02).

        A no that asks nothing of marketing leads to another stage, and so does the next offer.
        """
        refused = self.model._default_manager.filter(handoffs__state__in=SAID_NO)
        return self.filter(stage=Stage.ENGAGED, pk__in=refused.values("pk"))

    def visible_to(self, user: User) -> LeadQuerySet:
        """What a person may open: what is or ever was theirs or their teams'; the others see all.

        Quick for leads that are named or few: whether somebody ever had one is asked row by row.
        """
        return self._within(user, lambda: held_around(user) | Q(self._had_by(user)))

    def with_team_of(self, user: User) -> LeadQuerySet:
        """The part of it that they and their teams hold now: what the leads list walks through."""
        return self._within(user, lambda: held_around(user))

    def _within(self, user: User, scope: Callable[[], Q]) -> LeadQuerySet:
        if not user.is_active:
            return self.none()
        if user.may(Right.SEE_EVERY_LEAD):
            return self
        return self.filter(scope()) if user.may(Right.SEE_LEADS) else self.none()

    def _had_by(self, user: User) -> Exists:
        """Whoever had a handoff on it or answered one; managers, whoever of their teams did."""
        had = Q(handoffs__owner=user) | Q(handoffs__answered_by=user)
        if user.may(Right.MANAGE_TEAM):
            had |= Q(handoffs__team__in=user.team_ids)
        return Exists(self.model._default_manager.filter(had, pk=OuterRef("pk")))


def held_around(user: User) -> Q:
    teammates = Membership.objects.filter(team__in=user.team_ids).values("user")
    return Q(owner=user) | Q(queue__in=user.team_ids) | Q(owner__in=teammates)
