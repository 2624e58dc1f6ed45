from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from leads.external_ids import system_name
from leads.models import Source, SourceSystem


class ApiKey(models.Model):
    """The key of a client; only its hash is stored, so a lost key must be replaced."""

    class Scope(models.TextChoices):
        TOUCHES_WRITE = "touches:write", "Send touches"
        LEADS_READ = "leads:read", "Read leads"
        ACCOUNTS_WRITE = "accounts:write", "Set account owners"

    name = models.CharField(max_length=100)
    prefix = models.CharField(
        max_length=12, help_text="The first characters of the key, to identify it."
    )
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope), default=list)
    default_source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source_system = models.ForeignKey(
        SourceSystem,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The system of the external ids that this key sends.",
    )
    requests_per_minute = models.PositiveIntegerField(
        default=1_200, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def clean(self) -> None:
        """Refuse a name that leaves none for the source system that is called so."""
        if self.name and not system_name(self.name):
            raise ValidationError({"name": "Must have other characters than colons."})


class IdempotentRequest(models.Model):
    """A used idempotency key and its answer, written in the transaction of the touch."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    response = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["api_key", "key"], name="one_answer_per_idempotency_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.api_key_id}: {self.key}"
