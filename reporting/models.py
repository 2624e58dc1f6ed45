"""What is counted from the log: milestones, daily rollups, the cursor, and corrections.

All of it can be thrown away and counted again, so rows point at leads and people without
constraints: those are kept where the facts are, and here they would cost every count.
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


class Outcome(models.TextChoices):
    KEPT = "kept", "Kept"
    MISSED = "missed", "Missed"


class Answer(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class LogCursor(models.Model):
    """How far the log is counted. There is one row; `zone` is where the counted days begin."""

    transaction = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    zone = models.CharField(max_length=64)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Counted up to {self.counted_at:%Y-%m-%d %H:%M}"


class LeadMilestones(models.Model):
    """When a lead first reached each stage. `implied` names stages passed over on the way."""

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
    offered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    first_answer = models.CharField(max_length=8, choices=Answer, blank=True)
    first_contact_at = models.DateTimeField(null=True)
    first_reason = models.CharField(max_length=40, blank=True)
    last_reason = models.CharField(max_length=40, blank=True)
    answer_promise = models.CharField(max_length=6, choices=Outcome, blank=True)
    contact_promise = models.CharField(max_length=6, choices=Outcome, blank=True)

    class Meta:
        verbose_name_plural = "lead milestones"
        indexes = [models.Index(fields=["day", "lead"], name="milestones_by_day")]

    def __str__(self) -> str:
        return f"Milestones of lead {self.lead_id}"


class HandoffMilestones(models.Model):
    """What became of one handoff. `speed` is the step of SPEED_STEPS of its first contact."""

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
    speed = models.SmallIntegerField(null=True)
    answer_promise = models.CharField(max_length=6, choices=Outcome, blank=True)
    contact_promise = models.CharField(max_length=6, choices=Outcome, blank=True)

    class Meta:
        verbose_name_plural = "handoff milestones"
        indexes = [
            models.Index(fields=["day", "handoff"], name="handoff_milestones_by_day"),
            models.Index(fields=["lead"], name="handoff_milestones_by_lead"),
        ]

    def __str__(self) -> str:
        return f"Milestones of handoff {self.handoff_id}"


class LeadDay(models.Model):
    """Leads opened on a day, counted along the dimensions that `grain` says (see rollups.py)."""

    grain = models.PositiveSmallIntegerField()
    day = models.DateField()
    source = pointer("leads.Source")
    campaign = pointer("leads.Campaign")
    lead_type = pointer("leads.LeadType")
    team = pointer("people.Team")
    owner = pointer("people.User")
    leads = models.IntegerField()
    engaged = models.IntegerField()
    mql = models.IntegerField()
    sal = models.IntegerField()
    sql = models.IntegerField()
    opportunity = models.IntegerField()
    won = models.IntegerField()
    lost = models.IntegerField()
    nurture = models.IntegerField()
    disqualified = models.IntegerField()
    offered = models.IntegerField()
    answered = models.IntegerField()
    accepted = models.IntegerField()
    rejected = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["grain", "day"], name="lead_day_by_grain")]

    def __str__(self) -> str:
        return f"{self.leads} leads of {self.day}"


class HandoffDay(models.Model):
    """Handoffs first offered on a day, counted along the dimensions that `grain` says."""

    grain = models.PositiveSmallIntegerField()
    day = models.DateField()
    source = pointer("leads.Source")
    campaign = pointer("leads.Campaign")
    lead_type = pointer("leads.LeadType")
    team = pointer("people.Team")
    user = pointer("people.User")
    temperature = models.CharField(max_length=4, null=True)
    reason = models.CharField(max_length=40, null=True)
    handoffs = models.IntegerField()
    rejections = models.IntegerField()
    unevaluated = models.IntegerField()
    responses = models.IntegerField()
    contacted = models.IntegerField()
    contact_kept = models.IntegerField()
    contact_due = models.IntegerField()
    answer_kept = models.IntegerField()
    answer_due = models.IntegerField()
    promises_kept = models.IntegerField()
    promises_due = models.IntegerField()
    speed_0 = models.IntegerField()
    speed_1 = models.IntegerField()
    speed_2 = models.IntegerField()
    speed_3 = models.IntegerField()
    speed_4 = models.IntegerField()
    speed_5 = models.IntegerField()
    speed_6 = models.IntegerField()
    speed_7 = models.IntegerField()
    speed_8 = models.IntegerField()
    speed_9 = models.IntegerField()
    speed_10 = models.IntegerField()
    speed_11 = models.IntegerField()
    speed_12 = models.IntegerField()
    speed_13 = models.IntegerField()
    speed_14 = models.IntegerField()
    speed_15 = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["grain", "day"], name="handoff_day_by_grain")]

    def __str__(self) -> str:
        return f"{self.handoffs} handoffs of {self.day}"


class Restatement(models.Model):
    """A day's figures that a full recount corrected, so that no number changes silently (N-29)."""

    found_at = models.DateTimeField()
    rollup = models.CharField(max_length=12)
    day = models.DateField()
    was = models.JSONField(help_text="The day's totals that differed, as published.")
    now = models.JSONField(help_text="The same totals, recounted.")
    rows = models.PositiveIntegerField(help_text="Rollup rows of that day that differed.")

    class Meta:
        indexes = [models.Index(fields=["-found_at"], name="restatement_by_time")]

    def __str__(self) -> str:
        return f"{self.rollup} of {self.day}, restated {self.found_at:%Y-%m-%d}"
