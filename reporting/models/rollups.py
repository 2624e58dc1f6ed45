"""Daily rollups of the milestones, how far the log is counted, and corrections."""

from __future__ import annotations

from django.db import models

from reporting.models.facts import pointer


class LogCursor(models.Model):
    """How far the log is counted. There is one row; `zone` is where the counted days begin."""

    transaction = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    zone = models.CharField(max_length=64)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Counted up to {self.counted_at:%Y-%m-%d %H:%M}"


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
