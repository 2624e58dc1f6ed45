"""Who: contacts and companies, deduplicated; a merge is a pointer and can be undone (N-22)."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q


class Seniority(models.TextChoices):
    C_LEVEL = "c_level", "C-level"
    VP = "vp", "Vice president"
    DIRECTOR = "director", "Director"
    MANAGER = "manager", "Manager"
    STAFF = "staff", "Staff"
    INTERN = "intern", "Intern"
    STUDENT = "student", "Student"


class RevenueBand(models.TextChoices):
    UNDER_1M = "under_1m", "Under 1 million"
    FROM_1M = "1m_10m", "1 to 10 million"
    FROM_10M = "10m_100m", "10 to 100 million"
    OVER_100M = "over_100m", "Over 100 million"


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
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    search = models.GeneratedField(
        expression=SearchVector("name", "domain", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name_plural = "companies"
        # Without a list of words still to be sorted in, which every search would have to read.
        indexes = [GinIndex(fields=["search"], fastupdate=False, name="company_search")]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """The only place, with Touch, that holds personal data.

    `email` and `phone` are normalized when written (lowercase domain and local part; E.164), so
    plain equality finds a contact.
    """

    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, null=True, unique=True, blank=True)
    email_is_corporate = models.BooleanField(null=True)
    phone = models.CharField(max_length=20, null=True, blank=True)
    external_id = models.CharField(
        max_length=200, null=True, unique=True, blank=True, help_text="Their id in another system."
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts"
    )
    title = models.CharField(max_length=200, blank=True)
    seniority = models.CharField(max_length=12, choices=Seniority, blank=True)
    persona = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, blank=True)
    consent = models.BooleanField(null=True, blank=True, help_text="May be sent marketing mail.")
    suppressed_at = models.DateTimeField(
        null=True, blank=True, help_text="On the suppression list since (REC-05)."
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    search = models.GeneratedField(
        expression=SearchVector("name", "email", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            GinIndex(fields=["search"], fastupdate=False, name="contact_search"),
            models.Index(fields=["phone"], condition=~Q(phone=None), name="contact_by_phone"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.external_id or f"Contact {self.pk}"
