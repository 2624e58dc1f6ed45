"""Check a page by all rules of axe, in both themes, on a desktop and on a phone."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.watching import THEMES

WIDTHS: Final = (390, 1280)  # the last one stays set, as on a desktop
# All of axe's defaults (WCAG A and AA, its best practices), and what WCAG 2.2 adds to them.
EVERYTHING: Final[dict[str, Any]] = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {"target-size": {"enabled": True}},
}
# A theme changes nothing but colors.
COLORS: Final = {**EVERYTHING, "runOnly": ["color-contrast"], "rules": {}}
RUN: Final = "async (options) => (await axe.run(options)).violations"


def violations(page: Page, height: int = 844) -> list[str]:
    """Return a line for each element and rule, per theme and width."""
    page.evaluate(AXE_SCRIPT)
    problems = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            rules = page.evaluate(RUN, EVERYTHING if theme == THEMES[0] else COLORS)
            seen = f"{page.url} {theme} {width}"
            problems += [line(seen, rule, node) for rule in rules for node in rule["nodes"]]
    page.emulate_media(reduced_motion="no-preference")
    return problems


def line(seen: str, rule: dict[str, Any], node: dict[str, Any]) -> str:
    reason = " ".join(node["failureSummary"].split())
    return f"{seen} {rule['id']}: {node['html'][:200]} {reason[:300]}"
