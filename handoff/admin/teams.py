"""The team admin, with a check that no lead loses its queue or pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError

from core.formatting import counted
from handoff.models import Handoff
from handoff.routing.publishing import published_rules_for
from people.admin.teams import TeamAdmin, TeamForm
from people.models import Team

MARKETING = Team.Function.MARKETING

admin.site.unregister(Team)


class RoutedTeamForm(TeamForm):
    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        team = self.instance
        is_closed = team.is_active and not data.get("is_active")
        leaves_sales = team.function != MARKETING and data.get("function") == MARKETING
        if team.pk and (is_closed or leaves_sales) and (problems := list(uses_of(team))):
            raise ValidationError(problems)
        return data


def uses_of(team: Team) -> Iterator[str]:
    if rules := published_rules_for(team):
        named = ", ".join(f"“{rule.name}”" for rule in rules)
        yield f"The published rules send leads to {team}: {named}. Publish rules without it first."
    if number := Handoff.objects.offered().filter(queue=team, owner=None).count():
        waiting = counted(number, "lead waits", "leads wait")
        yield f"{waiting} in the {team} queue. Accept or reassign them first."


@admin.register(Team)
class RoutedTeamAdmin(TeamAdmin):
    form = RoutedTeamForm
