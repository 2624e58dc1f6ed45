"""The pages of the admin that its sidebar lists."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from django.urls import reverse

from people.models import User

SEES_OVERVIEW: Final = "handoff.view_ruleset"


class Entry(NamedTuple):
    """A page, and the names of the pages on which it is the current one."""

    title: str
    icon: str
    permission: str
    view_name: str
    pages: frozenset[str]

    @property
    def href(self) -> str:
        return address(f"admin:{self.view_name}")


class Group(NamedTuple):
    title: str
    entries: tuple[Entry, ...]


def entry(title: str, icon: str, model: str, *also: str) -> Entry:
    """Return the entry of a model. `also` are further pages where it is the current one."""
    app, name = model.split(".")
    changelist = f"{app}_{name}_changelist"
    pages = {changelist, f"{app}_{name}_add", f"{app}_{name}_change", *also}
    return Entry(title, icon, f"{app}.view_{name}", changelist, frozenset(pages))


address = cache(reverse)
rule_set_versions = entry("Rule set versions", "stacks", "handoff.ruleset")

SIDEBAR: Final = (
    Group("", (Entry("Overview", "home", SEES_OVERVIEW, "index", frozenset({"index"})),)),
    Group(
        "Routing",
        (
            entry("Rules", "rule", "handoff.routingrule", "handoff_ruleset_change"),
            rule_set_versions._replace(pages=frozenset({rule_set_versions.view_name})),
            entry("SLA policies", "timer", "handoff.slapolicy"),
            entry("Rejection reasons", "block", "handoff.rejectionreason"),
            entry("Loss reasons", "trending_down", "handoff.lossreason"),
            entry("Reversal reasons", "undo", "handoff.reversalreason"),
        ),
    ),
    Group(
        "Leads",
        (
            entry("Companies", "apartment", "leads.company"),
            entry("Contacts", "contacts", "leads.contact"),
            entry("Scoring models", "speed", "leads.scoringmodel"),
            entry("Stage definitions", "menu_book", "leads.stagedefinition"),
            entry("Lead types", "category", "leads.leadtype"),
            entry("Touch kinds", "touch_app", "leads.touchkindrule"),
            entry("Sources", "call_split", "leads.source"),
            entry("Source systems", "hub", "leads.sourcesystem"),
            entry("Campaigns", "campaign", "leads.campaign"),
            entry("Job titles", "badge", "leads.titlephrases"),
            entry("Mail domains", "alternate_email", "leads.maildomain"),
        ),
    ),
    Group(
        "People",
        (
            entry("Users", "person", "people.user"),
            entry("Teams", "groups", "people.team"),
            entry("Calendars", "calendar_month", "people.workcalendar"),
            entry("Time off", "beach_access", "people.absence"),
        ),
    ),
    Group("API and imports", (entry("API keys", "key", "api.apikey"),)),
)


def sidebar_of(user: User) -> list[Group]:
    """Return the entries that the user may open, by group."""
    return [
        Group(title, allowed)
        for title, entries in SIDEBAR
        if (allowed := tuple(entry for entry in entries if user.has_perm(entry.permission)))
    ]
