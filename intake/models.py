from __future__ import annotations

from django.db import models


class ImportedLine(models.Model):
    """A line that is imported; written together with its data, so it is never imported twice."""

    fingerprint = models.UUIDField(primary_key=True)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.fingerprint)
