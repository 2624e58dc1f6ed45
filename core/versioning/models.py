from __future__ import annotations

from django.conf import settings
from django.db import models


class ContentStatus(models.TextChoices):
    """Published versions are immutable: copy one to a draft, edit and publish that."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class Version(models.Model):
    """Base of versioned configuration; only `core.versioning.publishing` changes the status."""

    status = models.CharField(max_length=10, choices=ContentStatus, default=ContentStatus.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return self.status == ContentStatus.DRAFT
