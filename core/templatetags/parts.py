from collections.abc import Mapping
from typing import Any

from django import forms, template

register = template.Library()


@register.filter
def entry(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def part(form: forms.Form, row: object) -> Mapping[str, Any]:
    """Return the bound fields of one row, which its form names “12-cap”, by their column."""
    prefix = f"{row}-"
    fields = [field for field in form if field.name.startswith(prefix)]
    return {field.name.removeprefix(prefix): field for field in fields}
