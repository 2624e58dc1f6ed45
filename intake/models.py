from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from leads.models import Campaign, Lead, Source, Touch


class ImportRun(models.Model):
    """An import of one file; its lines say what it wrote, so that it can be taken back."""

    name = models.CharField(max_length=200, help_text="The name of the map.")
    file = models.CharField(max_length=255)
    is_historical = models.BooleanField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Run {self.pk}"


class ImportedLine(models.Model):
    """A line that is imported; written together with its data, so it is never imported twice.

    `content` identifies what the line said, for maps that name key columns. `touch` is what the
    line added, or `lead` is the one that it moved, with the `events` of the move and the lead as it
    was `before`. Lines of release 0.1 have no run.
    """

    fingerprint = models.UUIDField(primary_key=True)
    content = models.UUIDField(null=True)
    imported_at = models.DateTimeField()
    run = models.ForeignKey(
        ImportRun, on_delete=models.PROTECT, null=True, related_name="lines", db_index=False
    )
    touch = models.ForeignKey(
        Touch, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    events = ArrayField(
        models.BigIntegerField(),
        null=True,
        help_text="The events of a move, which an undo takes back.",
    )
    before = models.JSONField(null=True, help_text="Columns of the lead before the move.")

    class Meta:
        indexes = [
            models.Index(fields=["run"], condition=~Q(run=None), name="imported_line_by_run"),
            models.Index(fields=["lead"], condition=~Q(lead=None), name="imported_move_by_lead"),
        ]

    def __str__(self) -> str:
        return str(self.fingerprint)


class CreatedCode(models.Model):
    """A source or campaign that an import created, listed until someone has checked it."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.OneToOneField(Source, on_delete=models.CASCADE, null=True, related_name="+")
    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, null=True, related_name="+")
    similar = models.CharField(
        max_length=150, blank=True, help_text="The name of an older one that reads alike."
    )
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source=None) ^ Q(campaign=None),
                name="created_code_is_source_or_campaign",
            )
        ]

    def __str__(self) -> str:
        return str(self.source or self.campaign)
