"""Pages in tests: who opens them, and what is on them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from selectolax.lexbor import LexborHTMLParser, LexborNode

from people.models import User

HTMX = {"HX-Request": "true"}
INLINE_HANDLERS = ("on", "hx-on")
WHITE_SPACE = re.compile(r"[ \t\n\r]+")


def signed_in_as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def htmx(target: str = "") -> dict[str, Any]:
    """Headers of a part of a page that asks; `target` is the id of what will be swapped."""
    return {"headers": {"HX-Request": "true", **({"HX-Target": target} if target else {})}}


def page_at(path: str, user: User, **request: Any) -> Page:
    """Open an address as this user, who is shown a page there."""
    response = signed_in_as(user).get(path, **request)
    assert response.status_code == 200
    return Page(response)


def messages_of(response: Any) -> list[str]:
    return Page(response).texts(".messages .message > span")


def card(title: str) -> str:
    """Return the selector of a card by its title, or the start of it."""
    return f'.card:has(> .card-head :lexbor-contains("{title}"))'


class Page:
    """Find by CSS selector what is on a page; white space is as a browser shows it."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.html: str = response.content.decode()
        self.tree = LexborHTMLParser(self.html)

    def all(self, selector: str) -> list[LexborNode]:
        return self.tree.css(selector)

    def has(self, selector: str) -> bool:
        return bool(self.all(selector))

    def text(self, selector: str = "body") -> str:
        """Return the text of the only element that matches."""
        (text,) = self.texts(selector)
        return text

    def texts(self, selector: str) -> list[str]:
        return [text_of(node) for node in self.all(selector)]

    def values(self, selector: str, attribute: str = "value") -> list[str]:
        """Return the attribute of every element that matches and has it; empty when blank."""
        nodes = [node for node in self.all(selector) if attribute in node.attributes]
        return [node.attributes[attribute] or "" for node in nodes]

    def facts(self, selector: str) -> dict[str, str]:
        """Return the definitions in the element, by the words they define."""
        names, facts = self.texts(f"{selector} dt"), self.texts(f"{selector} dd")
        return dict(zip(names, facts, strict=True))

    def links(self, selector: str = "a") -> list[str]:
        return self.values(selector, "href")


def text_of(node: LexborNode) -> str:
    """Return the text with its white space collapsed, but for the no-break spaces of figures."""
    return WHITE_SPACE.sub(" ", node.text()).strip(" ")


def inline_code_of(page: Page) -> list[str]:
    """Return what a strict content security policy forbids: inline scripts and styles."""
    elements = page.all("script:not([src]), style, [style]")
    attributes = [name for node in page.all("*") for name in node.attributes]
    handlers = [name for name in attributes if name.startswith(INLINE_HANDLERS)]
    return [str(node.tag) for node in elements] + handlers


def addresses_of(page: Page) -> list[str]:
    """Return the addresses of files and links."""
    return page.values("*", "src") + page.links("*")
