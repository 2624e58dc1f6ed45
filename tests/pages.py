"""Pages in tests: who opens them, and what is on them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from selectolax.lexbor import LexborHTMLParser, LexborNode

from people.models import User

HTMX = {"HX-Request": "true"}
WHITE_SPACE = re.compile(r"[ \t\n\r]+")


def signed_in_as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def htmx(target: str = "") -> dict[str, Any]:
    """Headers of a part of a page that asks; `target` is the id of what will be swapped."""
    return {"headers": {"HX-Request": "true", **({"HX-Target": target} if target else {})}}


class Page:
    """What a reader finds on a page, by CSS selector; white space is as a browser shows it."""

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

    def links(self, selector: str = "a") -> list[str]:
        return self.values(selector, "href")


def text_of(node: LexborNode) -> str:
    """Return the text with its white space collapsed, but for the no-break spaces of figures."""
    return WHITE_SPACE.sub(" ", node.text()).strip(" ")
