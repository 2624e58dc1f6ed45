from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from core.admin_base import Admin, GuardedForm, Rows, display
from core.permissions import Right
from people.choices import WORKS_IN_TEAM, OffersPeople, offer_people
from people.models import Membership, Team

offer_people(Membership, user=WORKS_IN_TEAM)
offer_people(Team, manager=(Right.MANAGE_TEAM,))


class MembershipRows(OffersPeople, Rows):
    model = Membership
    extra = 0
    hide_title = True
    fields = ["team", "user", "weight", "capacity"]
    autocomplete_fields = ["user"]
    verbose_name_plural = "members"


class TeamForm(GuardedForm):
    def rows_of(self, instance: Team) -> Sequence[QuerySet[Any, Any]]:
        # The round robin balance changes with every lead; only what is edited here counts.
        return [instance.memberships.values("pk", "user", "weight", "capacity")]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        active = Q(function=Team.Function.MARKETING, is_active=True)
        was_last = Team.objects.filter(active).exclude(pk=self.instance.pk).exists() is False
        stays = data.get("is_active") and data.get("function") == Team.Function.MARKETING
        if was_last and not stays and Team.objects.filter(active, pk=self.instance.pk).exists():
            raise ValidationError(
                "This is the only active marketing team. Leads without an owner go to its queue."
            )
        return data


@admin.register(Team)
class TeamAdmin(OffersPeople, Admin[Team]):
    form = TeamForm
    list_display = ["name", "function", "manager", "calendar", "member_count", "is_active"]
    list_select_related = ["manager", "calendar"]
    list_filter = ["function", "is_active"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["seen", "name", "function", "manager", "calendar", "is_active"]
    autocomplete_fields = ["manager"]
    inlines = [MembershipRows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        active = Count("memberships", filter=Q(memberships__user__is_active=True))
        return super().get_queryset(request).annotate(active_members=active)

    @display(description="members", ordering="active_members")
    def member_count(self, team: Team) -> int:
        return int(getattr(team, "active_members", 0))
