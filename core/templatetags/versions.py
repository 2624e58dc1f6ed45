from django import template
from django.db.models import Model
from django.urls import reverse

register = template.Library()


@register.filter
def admin_url(row: Model, page: str) -> str:
    """Return the address of an admin page about a row, such as “change” or “publish”."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])
