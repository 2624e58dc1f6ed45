from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
Links = Iterable[tuple[str, str, bool]]  # label, address, whether it is in use


@register.simple_tag
@lru_cache
def icon(name: str, css: str = "") -> SafeString:
    """A drawing beside words, so it is never read aloud."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
@lru_cache
def site_files() -> SafeString:
    return render_to_string("components/_site_files.html")


@register.simple_tag
def tabs(links: Links, label: str) -> SafeString:
    """Ways to the parts of a page; `label` says what they switch between."""
    return _links("tabs", "page", links, label)


@register.simple_tag
def segments(links: Links, label: str) -> SafeString:
    """Choices of which one is in use; `label` says what they choose."""
    return _links("segments", "true", links, label)


def _links(css: str, current: str, links: Links, label: str) -> SafeString:
    here = f' aria-current="{current}"'
    written = "".join(
        f'<a href="{escape(href)}"{here if is_current else ""}>{escape(name)}</a>'
        for name, href, is_current in links
    )
    return SafeString(f'<nav class="{css}" aria-label="{escape(label)}">{written}</nav>')


@register.filter
def initials(person: object) -> str:
    """First letters of the first and the last word: Ana de Souza is AS."""
    words = str(person).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
