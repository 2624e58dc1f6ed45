"""Contacts and companies. Merging two contacts only sets a pointer, so it can be undone."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse

from core.folding import Folded, words_of
from core.triggers import append_only
from leads.enums import NAME_UNKNOWN, RevenueBand, Seniority
from leads.models.content import SourceSystem

ORIGINS_HELP = "When each value was stated, or who edited it."


class Company(models.Model):
    name = models.CharField(max_length=200)
    domain = models.CharField(
        max_length=253, null=True, unique=True, blank=True, help_text="Lowercase, without www."
    )
    industry = models.CharField(max_length=100, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=100, blank=True)
    revenue_band = models.CharField(max_length=12, choices=RevenueBand, blank=True)
    is_target_account = models.BooleanField(null=True, blank=True)
    is_customer = models.BooleanField(null=True, blank=True)
    owner = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    origins = models.JSONField(default=dict, blank=True, editable=False, help_text=ORIGINS_HELP)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "companies"
        # Without fastupdate: every search would have to scan the pending list as well.
        indexes = [
            GinIndex(words_of("name", "domain"), fastupdate=False, name="company_by_words"),
            models.Index(Folded("name"), F("id"), name="company_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person. Personal data is stored here and in Touch, nowhere else.

    `email` and `phone` are normalized when written (lowercase domain and local part; E.164), so
    plain equality finds a contact.
    """

    name = models.CharField(max_length=200, blank=True)
    # The words of the name, sorted: a phone number finds a contact only under the same name.
    name_key = models.CharField(max_length=400, blank=True, editable=False)
    email = models.CharField(max_length=254, null=True, unique=True, blank=True)
    email_is_corporate = models.BooleanField(null=True)
    phone = models.CharField(max_length=20, null=True, blank=True)
    phone_extension = models.CharField("extension", max_length=20, blank=True)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts"
    )
    title = models.CharField(max_length=200, blank=True)
    seniority = models.CharField(max_length=12, choices=Seniority, blank=True)
    persona = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, blank=True)
    consent = models.BooleanField(
        null=True, blank=True, help_text="The contact agreed to receive marketing email."
    )
    suppressed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the contact was put on the suppression list."
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    origins = models.JSONField(default=dict, blank=True, editable=False, help_text=ORIGINS_HELP)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # Set by leads.contact_names for a contact that has neither name nor email.
    external_id = ""

    class Meta:
        indexes = [
            GinIndex(words_of("name", "email"), fastupdate=False, name="contact_by_words"),
            models.Index(Folded("name"), F("id"), name="contact_by_name"),
            models.Index(fields=["phone"], condition=~Q(phone=None), name="contact_by_phone"),
            # Finds a number by its end, however its start is written.
            models.Index(Reverse("phone"), condition=~Q(phone=None), name="contact_by_phone_end"),
            # Serves the list of suppressed contacts that ask for sales.
            models.Index(
                fields=["suppressed_at"],
                condition=~Q(suppressed_at=None),
                name="contact_suppressed",
            ),
        ]

    @property
    def phone_text(self) -> str:
        extension = f" ext. {self.phone_extension}" if self.phone_extension else ""
        return f"{self.phone or ''}{extension}"

    @property
    def phone_uri(self) -> str:
        extension = f";ext={self.phone_extension}" if self.phone_extension else ""
        return f"tel:{self.phone or ''}{extension}"

    @property
    def consent_at(self) -> datetime | None:
        """Return when consent was given or withdrawn."""
        origin = self.origins.get("consent")
        return datetime.fromisoformat(origin["at"]) if origin else None

    def __str__(self) -> str:
        return self.name or self.email or self.external_id or self.phone or NAME_UNKNOWN


class ExternalId(models.Model):
    """The id of a contact in a source system.

    A touch with the id of a contact and another email address is of another contact. What it
    claims is kept as a conflict and makes both contacts possible duplicates.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="external_ids")
    system = models.ForeignKey(
        SourceSystem, on_delete=models.PROTECT, related_name="external_ids", db_index=False
    )
    value = models.CharField("ID", max_length=200)
    is_conflict = models.BooleanField(
        "conflict", default=False, editable=False, help_text="The id belongs to another contact."
    )

    class Meta:
        verbose_name = "external ID"
        verbose_name_plural = "external IDs"
        constraints = [
            models.UniqueConstraint(
                fields=["value", "system", "contact"], name="external_id_once_per_contact"
            ),
            models.UniqueConstraint(
                fields=["value", "system"],
                condition=Q(is_conflict=False),
                name="one_contact_per_external_id",
                violation_error_message="Another contact has this id.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system_id}:{self.value}"


class Correction(models.Model):
    """Keep what a person changed on a contact or company. The database refuses to change it."""

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, related_name="corrections"
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, related_name="corrections"
    )
    changes = models.JSONField(help_text="Value before and after, by field.")
    by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(contact=None) ^ Q(company=None),
                name="correction_of_contact_or_company",
            )
        ]
        triggers = [append_only("corrections_are_append_only")]

    def __str__(self) -> str:
        return f"Correction {self.pk}"
