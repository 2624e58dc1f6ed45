"""Fill in the page of a calendar as a browser sends it."""

from __future__ import annotations

from typing import Any

from tests.pages import Page


def filled_in(page: Page) -> dict[str, Any]:
    """Return the fields of the form as they are shown, without its buttons."""
    form = "#calendar-form"
    sent: dict[str, Any] = {}
    for node in page.all(f"{form} input[name]"):
        is_off = node.attributes.get("type") == "checkbox" and "checked" not in node.attributes
        if not is_off:
            sent[node.attributes["name"] or ""] = node.attributes.get("value") or ""
    for select in page.all(f"{form} select[name]"):
        chosen = select.css_first("option[selected]") or select.css_first("option")
        assert chosen is not None
        sent[select.attributes["name"] or ""] = chosen.attributes.get("value") or ""
    return sent
