"""Notes that people write about a lead."""

from __future__ import annotations

from django.db import models

from core.triggers import append_only
from leads.models.leads import Lead


class Note(models.Model):
    """A note on a lead. The log has its number only. The database refuses to change it."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        triggers = [append_only("notes_are_append_only")]

    def __str__(self) -> str:
        return f"Note {self.pk} on lead {self.lead_id}"
