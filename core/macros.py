"""Small parts of pages that both template engines show: written once, as Jinja2 macros."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.template import engines
from django.utils.safestring import SafeString


def macro(template_name: str, name: str) -> Callable[..., SafeString]:
    engine: Any = engines["jinja2"]
    return getattr(engine.env.get_template(template_name).module, name)  # type: ignore[no-any-return]


@cache
def icon(name: str, css: str = "") -> SafeString:
    """Return a drawing beside words; a page has twenty of them, and all are always the same."""
    return macro("components/icon.jinja", "icon")(name, css)
