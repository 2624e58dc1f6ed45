"""Addresses for lower apps, which get them through the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

if TYPE_CHECKING:
    from leads.models import Lead


def lead_url(lead: Lead) -> str:
    return reverse("workspace:lead", args=[lead.pk])
