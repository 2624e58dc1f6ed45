"""Draft, published, retired: the columns that all versioned configuration shares."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ContentStatus(models.TextChoices):
    """Published configuration is immutable; a change is a new draft that is then published."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class Version(models.Model):
    """What all versioned configuration shares; moved on only in `core.versioning.publishing`."""

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
