from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.countries import NAMES

register = template.Library()


@register.filter
def company_name(name: str | None) -> str | SafeString:
    """Show a company's name, or its bare domain in muted text."""
    if not name:
        return "–"
    if not is_domain(name):
        return name
    return format_html('<span class="faint" title="Name unknown">{}</span>', name)


@register.filter
def country_name(code: str) -> str:
    return NAMES.get(code, code)


def is_domain(name: str) -> bool:
    """Tell a normalized domain from a name: “Booking.com” is a name."""
    if "." not in name:
        return False
    return name == name.lower().strip(".") and not any(map(str.isspace, name))
