"""The lines of files that are already imported."""

from __future__ import annotations

from django.db import models


class ImportedLine(models.Model):
    """A line of a file that is in; written with what it brought, so it is never taken twice."""

    fingerprint = models.UUIDField(primary_key=True)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.fingerprint)
