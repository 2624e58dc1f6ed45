from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.macros import macro

register = template.Library()
Links = Iterable[tuple[str, str, bool]]  # label, address, whether it is the current one


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    return macro("components/icon.jinja", "icon")(name, css)


@register.inclusion_tag("components/_links.html")
def tabs(links: Links, label: str) -> dict[str, Any]:
    """Show links to the parts of a page; `label` says what they switch between."""
    return {"links": links, "label": label, "css": "tabs", "current": "page"}


@register.inclusion_tag("components/_links.html")
def segments(links: Links, label: str) -> dict[str, Any]:
    """Show choices of which one is in use; `label` says what they choose."""
    return {"links": links, "label": label, "css": "segments", "current": "true"}


@register.filter
def initials(person: object) -> str:
    """Return the first letters of the first and the last word: Ana de Souza is AS."""
    words = str(person).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
