"""Link people and things to their pages; everyone with a role may open those of people."""

from __future__ import annotations

from typing import Final

from django import template
from django.db.models import Model
from django.utils.safestring import SafeString

from core.macros import macro
from leads.models import Campaign, Company, Contact, Source
from people.models import User

register = template.Library()
MACROS: Final[dict[type[Model], str]] = {
    Campaign: "campaign",
    Company: "company",
    Contact: "contact",
    Source: "source",
    User: "person",
}


@register.filter
def link(thing: Model | None) -> str | SafeString:
    """Show the name of a thing as a link to its page, or “–” for None."""
    if thing is None:
        return "–"
    return macro("components/links.jinja", MACROS[thing._meta.concrete_model])(thing.pk, str(thing))
