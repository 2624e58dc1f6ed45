"""Look and sidebar of the admin (django-unfold)."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

SEES_OVERVIEW: Final = "handoff.view_ruleset"


def link(title: str, icon: str, model: str, *also: str) -> dict[str, Any]:
    """Build the sidebar entry of a model. `also` are further pages where it is active."""
    app, name = model.split(".")
    pages = {f"{app}_{name}_changelist", f"{app}_{name}_add", f"{app}_{name}_change", *also}
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{app}_{name}_changelist"),
        "active": lambda request: request.resolver_match.url_name in pages,
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    overview = {
        "title": "Overview",
        "icon": "home",
        "link": reverse("admin:index"),
        "permission": lambda request: request.user.has_perm(SEES_OVERVIEW),
    }
    return [
        {"items": [overview]},
        {
            "title": "Routing",
            "separator": True,
            "items": [
                link("Rules", "rule", "handoff.routingrule", "handoff_ruleset_change"),
                {
                    **link("Rule set versions", "stacks", "handoff.ruleset"),
                    "active": lambda request: (
                        request.resolver_match.url_name == "handoff_ruleset_changelist"
                    ),
                },
                link("SLA policies", "timer", "handoff.slapolicy"),
                link("Rejection reasons", "block", "handoff.rejectionreason"),
                link("Loss reasons", "trending_down", "handoff.lossreason"),
                link("Reversal reasons", "undo", "handoff.reversalreason"),
            ],
        },
        {
            "title": "Leads",
            "separator": True,
            "items": [
                link("Companies", "apartment", "leads.company"),
                link("Contacts", "contacts", "leads.contact"),
                link("Scoring models", "speed", "leads.scoringmodel"),
                link("Stage definitions", "menu_book", "leads.stagedefinition"),
                link("Lead types", "category", "leads.leadtype"),
                link("Touch kinds", "touch_app", "leads.touchkindrule"),
                link("Sources", "call_split", "leads.source"),
                link("Source systems", "hub", "leads.sourcesystem"),
                link("Campaigns", "campaign", "leads.campaign"),
                link("Job titles", "badge", "leads.titlephrases"),
                link("Mail domains", "alternate_email", "leads.maildomain"),
            ],
        },
        {
            "title": "People",
            "separator": True,
            "items": [
                link("Users", "person", "people.user"),
                link("Teams", "groups", "people.team"),
                link("Calendars", "calendar_month", "people.workcalendar"),
                link("Time off", "beach_access", "people.absence"),
            ],
        },
        {
            "title": "API and imports",
            "separator": True,
            "items": [link("API keys", "key", "api.apikey")],
        },
    ]


UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "Lead handoff",
    "SITE_HEADER": "Lead handoff",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("img/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "7px",
    "STYLES": [lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin-names.js")],
    "DASHBOARD_CALLBACK": "workspace.backoffice.dashboard.fill",
    "SIDEBAR": {"navigation": navigation, "show_search": False},
    # The colors of static/css/tokens.css and their neighbors.
    "COLORS": {
        "base": {
            "50": "#f5f6f8",
            "100": "#f0f2f5",
            "200": "#e2e6ec",
            "300": "#c6cdd8",
            "400": "#8b95a6",
            "500": "#606a7c",
            "600": "#4a5567",
            "700": "#3a4453",
            "800": "#28303d",
            "900": "#161b24",
            "950": "#0e1219",
        },
        "primary": {
            "50": "#f2f5fe",
            "100": "#e8eefc",
            "200": "#c9d7fa",
            "300": "#a4bdf6",
            "400": "#85a8ff",
            "500": "#6c90f2",
            "600": "#2553d2",
            "700": "#1c43b3",
            "800": "#1a3a92",
            "900": "#1b2a50",
            "950": "#131d38",
        },
    },
}
