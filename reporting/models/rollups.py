"""Daily rollups of the milestones, how far the log is counted, and corrections."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reporting.models.facts import pointer
from reporting.restatement_causes import choices as restatement_causes


class LogCursor(models.Model):
    """The position up to which the log is counted. There is one row.

    `cluster` is the identity of the database cluster that numbers transactions; `zone` is the time
    zone of the counted days; `counters` is the order of the counts in LeadDay and HandoffDay. When
    one of them is no longer the present one, the next refresh counts again.
    """

    transaction = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    cluster = models.CharField(max_length=20, default="", db_default="")
    zone = models.CharField(max_length=64)
    counters = models.JSONField(default=dict)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Updated {self.counted_at:%Y-%m-%d %H:%M}"


class LeadDay(models.Model):
    """Leads opened on a day, by the dimensions of `grain` (see rollups/build.py)."""

    grain = models.PositiveSmallIntegerField()
    day = models.DateField()
    source = pointer("leads.Source")
    campaign = pointer("leads.Campaign")
    lead_type = pointer("leads.LeadType")
    team = pointer("people.Team")
    owner = pointer("people.User")
    counts = ArrayField(models.IntegerField())
    waits = models.BinaryField()
    wait_steps = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["grain", "day"], name="lead_day_by_grain")]

    def __str__(self) -> str:
        return f"Leads of {self.day}"


class HandoffDay(models.Model):
    """Handoffs offered on a day, by the dimensions of `grain` (see rollups/build.py)."""

    grain = models.PositiveSmallIntegerField()
    day = models.DateField()
    source = pointer("leads.Source")
    campaign = pointer("leads.Campaign")
    lead_type = pointer("leads.LeadType")
    team = pointer("people.Team")
    user = pointer("people.User")
    temperature = models.CharField(max_length=4, null=True)
    reason = models.CharField(max_length=40, null=True)
    counts = ArrayField(models.IntegerField())
    waits = models.BinaryField()
    wait_steps = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["grain", "day"], name="handoff_day_by_grain")]

    def __str__(self) -> str:
        return f"Handoffs of {self.day}"


class Restatement(models.Model):
    """Published figures that changed, so that no number changes silently.

    A proof corrects one day; late data changes a month or more, from `day` to `last_day`.
    """

    found_at = models.DateTimeField()
    rollup = models.CharField(max_length=12)
    day = models.DateField()
    last_day = models.DateField()
    cause = models.CharField(max_length=12, choices=restatement_causes)
    was = models.JSONField(help_text="The totals that differed, as published.")
    now = models.JSONField(help_text="The same totals, counted again.")
    rows = models.PositiveIntegerField(
        default=0, help_text="Rollup rows that a proof found different."
    )

    class Meta:
        indexes = [models.Index(fields=["-found_at"], name="restatement_by_time")]

    def __str__(self) -> str:
        return f"{self.rollup} of {self.day}, restated {self.found_at:%Y-%m-%d}"


class Proof(models.Model):
    """Record how far the figures are compared with a recount (rollups/prove.py), in one row.

    First the leads up to `lead` are, then the days up to `day`.
    """

    started_at = models.DateTimeField()
    lead = models.BigIntegerField()
    day = models.DateField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Proof of {self.started_at:%Y-%m-%d %H:%M}"
