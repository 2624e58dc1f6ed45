from collections.abc import Mapping
from typing import Any

from django import forms, template

register = template.Library()


@register.filter
def entry(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def part(form: forms.Form, target_id: int) -> Mapping[str, Any]:
    """Return the bound fields of one target by their column."""
    prefix = f"{target_id}-"
    fields = [field for field in form if field.name.startswith(prefix)]
    return {field.name.removeprefix(prefix): field for field in fields}
