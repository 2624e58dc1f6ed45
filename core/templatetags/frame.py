from collections.abc import Iterable
from functools import cache

from django import template
from django.utils.safestring import SafeString

from core.macros import icon, macro

register = template.Library()
Links = Iterable[tuple[str, str, bool]]  # label, address, whether it is the current one


register.simple_tag(icon)


@register.simple_tag
@cache
def site_files() -> SafeString:
    return macro("components/site_files.jinja", "site_files")()


@register.simple_tag
def tabs(links: Links, label: str) -> SafeString:
    """Show links to the parts of a page; `label` says what they switch between."""
    return macro("components/links.jinja", "tabs")(links, label)


@register.simple_tag
def segments(links: Links, label: str) -> SafeString:
    """Show choices of which one is in use; `label` says what they choose."""
    return macro("components/links.jinja", "segments")(links, label)


@register.simple_tag
def empty(icon_name: str, title: str, text: str, href: str, action: str) -> SafeString:
    """Show what will appear here, and the next step if there is one."""
    return macro("components/empty.jinja", "empty")(icon_name, title, text, href, action)


@register.filter
def initials(person: object) -> str:
    """Return the first letters of the first and the last word: Ana de Souza is AS."""
    words = str(person).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
