"""Link people and things to their pages; everyone with a role may open those of people."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.db.models import Model
from django.utils.safestring import SafeString

from core.macros import macro
from leads.models import Campaign, Company, Contact, Source
from people.models import Team, User
from workspace.team.queries import shows_team

register = template.Library()
MACROS: Final[dict[Any, str]] = {
    Campaign: "campaign",
    Company: "company",
    Contact: "contact",
    Source: "source",
    Team: "queue",
    User: "person",
}


@register.filter
def link(thing: Model | None) -> str | SafeString:
    """Show the name of a thing as a link to its page, or “–” for None."""
    if thing is None:
        return "–"
    return macro("components/links.jinja", MACROS[thing._meta.concrete_model])(thing.pk, str(thing))


@register.filter
def person_link(name: str, person_id: int | None) -> str | SafeString:
    """Show the name of a person of whom a row has only the id, as a link if there is one."""
    if person_id is None:
        return name
    return macro("components/links.jinja", "person")(person_id, name)


@register.filter
def company_link(name: str | None, company_id: int | None) -> str | SafeString:
    """Show the name of a company of which a row has only the id, as a link if there is one."""
    if company_id is None:
        return "–"
    return macro("components/links.jinja", "company")(company_id, name)


@register.simple_tag
def team_link(team: Team, reader: User) -> str | SafeString:
    """Show the name of a team, as a link to its part of the team page if the reader sees it."""
    if not shows_team(reader, team):
        return str(team)
    return macro("components/links.jinja", "team")(team.pk, str(team))
