"""A company as pages show it."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
@lru_cache(maxsize=1024)
def company_name(name: str | None) -> SafeString:
    """Whoever is known by a domain only bears it for a name, in fainter ink."""
    if not name:
        return SafeString("–")
    if not is_domain(name):
        return escape(name)
    return format_html('<span class="faint" title="Name unknown">{}</span>', name)


def is_domain(name: str) -> bool:
    """As domains are normalized; “Booking.com” is a name."""
    is_written_so = name == name.lower().strip(".") and not any(map(str.isspace, name))
    return is_written_so and "." in name
