"""Addresses for lower apps, which get them through the settings."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.urls import reverse

if TYPE_CHECKING:
    from leads.models import Lead


def lead_url(lead: Lead) -> str:
    return f"{_leads_url()}{lead.pk}/"


@cache
def _leads_url() -> str:
    """Return the address that ends before the id: a sweep needs thousands, and all differ in it."""
    return reverse("workspace:lead", args=[0]).removesuffix("0/")
