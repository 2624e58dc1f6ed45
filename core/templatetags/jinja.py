from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.template import loader
from django.utils.safestring import SafeString, mark_safe

from core import macros

register = template.Library()


@register.simple_tag
def include_jinja(
    template_name: str, values: Mapping[str, Any] | None = None, **context: Any
) -> SafeString:
    """Render a list of many rows, for which Django's own engine takes ten times as long."""
    html = loader.get_template(template_name, using="jinja2").render({**(values or {}), **context})
    return mark_safe(html)  # noqa: S308  (Jinja2 escapes every value)


@register.simple_tag
def macro(template_name: str, name: str, *values: Any) -> SafeString:
    """Show a part that pages of both engines have."""
    return macros.macro(template_name, name)(*values)
