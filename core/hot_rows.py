"""Long lists: a row's template is rendered once for each shape, then only filled in (L1, A1).

Values are escaped by whoever fills them in; the template must hold no braces of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse


def with_blanks(template_name: str, blanks: Iterable[str], context: dict[str, Any]) -> str:
    """The template with `{name}` wherever it says `{{ blank.name }}`: for `str.format`."""
    blank = {name: f"{{{name}}}" for name in blanks}
    return render_to_string(template_name, {**context, "blank": blank})


def blank_url(view_name: str, blank: str) -> str:
    """The address of a view of one thing, its number left blank."""
    return reverse(view_name, args=[0]).replace("/0/", f"/{{{blank}}}/")
