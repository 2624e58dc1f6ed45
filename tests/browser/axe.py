"""Check the accessibility of what a browser shows, by the rules of WCAG 2.2 A and AA."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.watching import THEMES

OPTIONS: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,
}


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page in both themes, one line for each element."""
    problems = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for rule in Axe().run(page, options=OPTIONS).response["violations"]:
            problems += [line(page, theme, rule, node) for node in rule["nodes"]]
    return problems


def line(page: Page, theme: str, rule: dict[str, Any], node: dict[str, Any]) -> str:
    reason = " ".join(node["failureSummary"].split())
    return f"{page.url} {theme} {rule['id']}: {node['html'][:200]} {reason[:300]}"
