"""How the admin looks and what its sidebar offers (django-unfold)."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

SEES_OVERVIEW: Final = "handoff.view_ruleset"


def link(title: str, icon: str, model: str, *also: str) -> dict[str, Any]:
    """A sidebar entry for one model; only for those who may see it. `also` are pages it covers."""
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
    way_back = {
        "title": "Back to the leads",
        "icon": "arrow_back",
        "link": reverse("workspace:leads"),
        "active": False,
    }
    return [
        {"items": [overview, way_back]},
        {
            "title": "Routing",
            "separator": True,
            "items": [
                link("Rules", "rule", "handoff.routingrule", "handoff_ruleset_change"),
                {
                    **link("Versions of the rules", "stacks", "handoff.ruleset"),
                    "active": lambda request: (
                        request.resolver_match.url_name == "handoff_ruleset_changelist"
                    ),
                },
                link("SLA policies", "timer", "handoff.slapolicy"),
                link("Rejection reasons", "block", "handoff.rejectionreason"),
            ],
        },
        {
            "title": "Leads",
            "separator": True,
            "items": [
                link("Scoring models", "speed", "leads.scoringmodel"),
                link("Stage definitions", "menu_book", "leads.stagedefinition"),
                link("Lead types", "category", "leads.leadtype"),
                link("Sources", "call_split", "leads.source"),
                link("Campaigns", "campaign", "leads.campaign"),
            ],
        },
        {
            "title": "People",
            "separator": True,
            "items": [
                link("Users", "person", "people.user"),
                link("Teams", "groups", "people.team"),
                link("Calendars", "calendar_month", "people.workcalendar"),
                link("Absences", "beach_access", "people.absence"),
            ],
        },
        {
            "title": "Ways in",
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
    "DASHBOARD_CALLBACK": "workspace.backoffice.dashboard.fill",
    "SIDEBAR": {"navigation": navigation, "show_search": False},
    # The accent of static/css/tokens.css and what lies around it.
    "COLORS": {
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
        }
    },
}
