"""Milestones counted from the log: one row for each lead and each handoff.

They can be deleted and counted again, so they refer to leads and users without constraints, which
would slow down every count.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from leads.models import Temperature
from leads.stages import CHOICES


def pointer(to: str, *, null: bool = True) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        null=null,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


class SlaOutcome(models.TextChoices):
    MET = "met", "Met"
    BREACHED = "breached", "Breached"


class SalesAnswer(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class LeadMilestones(models.Model):
    """The first time a lead reached each stage. `implied` lists the stages it skipped.

    The buyer's clock runs from the request, the last touch before the first offer, to the first
    contact by any rep: `wait` is its seconds, `contact_sla` whether it met the due time of the
    first offer. A reassignment does not reset it.
    """

    lead = models.OneToOneField(
        "leads.Lead",
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="milestones",
    )
    day = models.DateField(help_text="The day it was opened, where the organization is.")
    source = pointer("leads.Source")
    campaign = pointer("leads.Campaign")
    lead_type = pointer("leads.LeadType")
    team = pointer("people.Team")
    owner = pointer("people.User")
    opened_at = models.DateTimeField()
    engaged_at = models.DateTimeField(null=True)
    mql_at = models.DateTimeField(null=True)
    sal_at = models.DateTimeField(null=True)
    sql_at = models.DateTimeField(null=True)
    opportunity_at = models.DateTimeField(null=True)
    won_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    nurture_at = models.DateTimeField(null=True)
    disqualified_at = models.DateTimeField(null=True)
    implied = ArrayField(models.CharField(max_length=12, choices=CHOICES), default=list)
    requested_at = models.DateTimeField(null=True)
    offered_at = models.DateTimeField(null=True)
    contact_due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    first_answer = models.CharField(max_length=8, choices=SalesAnswer, blank=True)
    last_answer = models.CharField(max_length=8, choices=SalesAnswer, blank=True)
    first_contact_at = models.DateTimeField(null=True)
    wait = models.IntegerField(null=True)
    first_reason = models.CharField(max_length=40, blank=True)
    last_reason = models.CharField(max_length=40, blank=True)
    response_sla = models.CharField(max_length=8, choices=SlaOutcome, blank=True)
    contact_sla = models.CharField(max_length=8, choices=SlaOutcome, blank=True)

    class Meta:
        verbose_name_plural = "lead milestones"
        indexes = [models.Index(fields=["day", "lead"], name="milestones_by_day")]

    def __str__(self) -> str:
        return f"Milestones of lead {self.lead_id}"


class HandoffMilestones(models.Model):
    """The answers to one handoff. `wait` is the seconds from the offer to the first contact."""

    handoff = models.OneToOneField(
        "handoff.Handoff",
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="milestones",
    )
    lead = pointer("leads.Lead", null=False)
    day = models.DateField(help_text="The day it was first offered, where the organization is.")
    source = pointer("leads.Source")
    campaign = pointer("leads.Campaign")
    lead_type = pointer("leads.LeadType")
    team = pointer("people.Team")
    user = pointer("people.User")
    temperature = models.CharField(max_length=4, choices=Temperature)
    offered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    cannot_evaluate_at = models.DateTimeField(null=True)
    first_contact_at = models.DateTimeField(null=True)
    wait = models.IntegerField(null=True)
    response_sla = models.CharField(max_length=8, choices=SlaOutcome, blank=True)
    contact_sla = models.CharField(max_length=8, choices=SlaOutcome, blank=True)

    class Meta:
        verbose_name_plural = "handoff milestones"
        indexes = [
            models.Index(fields=["day", "handoff"], name="handoff_milestones_by_day"),
            models.Index(fields=["lead"], name="handoff_milestones_by_lead"),
        ]

    def __str__(self) -> str:
        return f"Milestones of handoff {self.handoff_id}"
