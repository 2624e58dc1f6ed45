from __future__ import annotations

from django.db import models


class ImportedLine(models.Model):
    """A line that is imported; written together with its data, so it is never imported twice.

    `content` identifies what the line said, for maps that name key columns.
    """

    fingerprint = models.UUIDField(primary_key=True)
    content = models.UUIDField(null=True)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.fingerprint)
