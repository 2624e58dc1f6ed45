from collections.abc import Iterable
from functools import cache

from django import template
from django.utils.safestring import SafeString

from core.macros import icon, macro
from core.sorting import SortHead

register = template.Library()
Links = Iterable[tuple[str, str, bool]]  # label, address, whether it is the current one


register.simple_tag(icon)


@register.simple_tag
@cache
def site_files() -> SafeString:
    return macro("components/site_files.jinja", "site_files")()


@register.simple_tag
@cache
def admin_files() -> SafeString:
    return macro("components/admin_files.jinja", "admin_files")()


@register.simple_tag
def tabs(links: Links, label: str) -> SafeString:
    """Show links to the parts of a page; `label` says what they switch between."""
    return macro("components/links.jinja", "tabs")(links, label)


@register.simple_tag
def segments(links: Links, label: str) -> SafeString:
    """Show choices of which one is in use; `label` says what they choose."""
    return macro("components/links.jinja", "segments")(links, label)


@register.simple_tag
def sort_head(head: SortHead, css: str = "", note: str = "") -> SafeString:
    """Show the head of a column that sorts; `note` says by what, if the label does not."""
    return macro("components/table.jinja", "sort_head")(head, css, note)


@register.simple_tag
def empty(icon_name: str, title: str, text: str, href: str, action: str) -> SafeString:
    """Show what will appear here, and the next step if there is one."""
    return macro("components/empty.jinja", "empty")(icon_name, title, text, href, action)


@register.filter
def initials(person: object) -> str:
    """Return the first letters of the first and the last word: Ana de Souza is AS."""
    words = str(person).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
