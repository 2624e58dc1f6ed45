"""Rejection reasons and the rejections that carry them (REJ-01..07, N-17)."""

from __future__ import annotations

from django.db import models

from handoff.models import Handoff


class RejectionReason(models.Model):
    """A code that sales may give; each owns what happens next. Retired, never deleted or reused."""

    class Route(models.TextChoices):
        RENURTURE = "renurture", "Nurture, and look again later"
        SUPPRESS = "suppress", "Suppress"
        ENRICH = "enrich", "Back to marketing for better data"
        RETURN = "return", "Back to marketing to find another contact"
        LINK = "link", "Close as a duplicate of the live record"
        PASSIVE = "passive", "Passive nurture until they act"

    class Fault(models.TextChoices):
        AUDIENCE = "audience", "Audience"
        PROMISE = "promise", "Campaign promise"
        PAGE = "page", "Landing page"
        FORM = "form", "Form"
        OFFER = "offer", "Offer"
        FOLLOW_UP = "follow_up", "Sales follow-up"
        NONE = "none", "Nobody's"

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    help = models.CharField(max_length=200, blank=True, help_text="When to give it, in one line.")
    route = models.CharField(max_length=12, choices=Route)
    fault = models.CharField(max_length=12, choices=Fault, default=Fault.NONE)
    cool_down_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days before it may come back; empty: no date."
    )
    requires_note = models.BooleanField(default=False)
    requires_attempts = models.BooleanField(
        default=False, help_text="Only after the policy's number of attempts (SLA-17)."
    )
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.label


class Rejection(models.Model):
    handoff = models.OneToOneField(Handoff, on_delete=models.PROTECT, related_name="rejection")
    reason = models.ForeignKey(RejectionReason, on_delete=models.PROTECT)
    note = models.CharField(max_length=200, blank=True)
    rejected_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rejected_at = models.DateTimeField()
    wake_on = models.DateField(null=True, blank=True, help_text="When it may come back.")

    def __str__(self) -> str:
        return f"{self.reason} for {self.handoff}"
