"""Look of the admin (django-unfold)."""

from __future__ import annotations

from typing import Any, Final

from django.templatetags.static import static

UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "Lead handoff",
    "SITE_HEADER": "Lead handoff",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("img/mark.svg"),
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "7px",
    "DASHBOARD_CALLBACK": "workspace.backoffice.dashboard.fill",
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
