"""Collect the complaints of a browser while a user works, and count the clicks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response

THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WIDTHS: Final = (320, 390, 768, 1140, 1280)  # the last one stays set, as on a desktop
# The request of a row is dropped when the focus moves to the next; htmx calls that an error.
DROPPED: Final = ("htmx:sendAbort", "htmx:afterRequest, ")


class Complaints(list[str]):
    """List the errors and refused requests of every page of a context."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__()
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.append(f"script: {error.error}"))
        context.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # A refusal of the content security policy is an error of the console, too.
        if message.type in {"error", "warning"} and not message.text.startswith(DROPPED):
            self.append(f"{message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.append(f"{response.status}: {response.url}")


@dataclass
class Clicks:
    count: int = 0

    def on(self, target: Locator) -> None:
        target.click()
        self.count += 1


def sideways(page: Page, narrowest: int = WIDTHS[0]) -> dict[str, int]:
    """Return by how many pixels the page is wider than the screen, per theme and width."""
    overflow = {}
    for width in (width for width in WIDTHS if width >= narrowest):
        page.set_viewport_size({"width": width, "height": 844})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                overflow[f"{page.url} {theme} {width}"] = over
    return overflow
