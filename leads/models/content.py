"""Content that operations and marketing edit: sources, campaigns, definitions, scoring models."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.history import tracked
from core.triggers import fixed_once_published, frozen_once_published
from core.versioning.models import Version
from leads.enums import Seniority, Temperature, TouchKind
from leads.stages import CHOICES

# Addresses and files write an external id as SYSTEM:ID.
no_colon = RegexValidator(r"^[^:]+$", "Must not contain a colon.")


@tracked()
class Source(models.Model):
    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100, unique=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


@tracked()
class SourceSystem(models.Model):
    """Another system whose external ids are its own: two systems may use the same number."""

    name = models.CharField(
        max_length=100,
        primary_key=True,
        validators=[no_colon],
        help_text=(
            "Import maps and API keys name the system by this name, which cannot be changed."
        ),
    )
    note = models.TextField(blank=True, help_text="Which system this is, and who runs it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="system_names_differ",
                violation_error_message="A system of this name exists.",
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class Campaign(models.Model):
    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=150)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns"
    )
    owner = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns"
    )
    theme = models.CharField(max_length=150, blank=True)
    offer = models.CharField(max_length=200, blank=True)
    landing_page = models.CharField(max_length=500, blank=True)
    problem = models.TextField(blank=True, help_text="The problem the campaign addresses.")
    messaging = models.TextField(blank=True, help_text="The messages the contact has received.")
    talking_points = models.TextField(blank=True, help_text="Shown to the rep, one per line.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


@tracked()
class LeadType(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    temperature = models.CharField(max_length=4, choices=Temperature, default=Temperature.COLD)
    is_hand_raise = models.BooleanField(
        "hand-raiser",
        default=False,
        help_text=(
            "Leads of this type go to sales at any score "
            "if the contact has a corporate email address or a phone number."
        ),
    )
    required_context = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Codes of the fields that sales needs to evaluate a lead of this type.",
    )

    def __str__(self) -> str:
        return self.name


@tracked()
class TitlePhrases(models.Model):
    """Phrases of job titles with the seniority they mean; see `leads.normalization.titles`."""

    seniority = models.CharField(
        max_length=12,
        choices=Seniority,
        blank=True,
        help_text="Leave empty if the phrases say nothing about the person.",
    )
    phrases = models.TextField(
        help_text=(
            "Separated by commas or line breaks. * stands for one word. "
            "The phrase with the most words counts."
        )
    )

    class Meta:
        verbose_name = verbose_name_plural = "job title phrases"

    def __str__(self) -> str:
        return self.get_seniority_display() or "Says nothing about the person"


@tracked()
class MailDomain(models.Model):
    """Correct the lists of free-mail and disposable hosts that come with packages."""

    domain = models.CharField(
        max_length=253,
        unique=True,
        help_text="Lowercase, such as mail.example. Its subdomains count, too.",
    )
    is_corporate = models.BooleanField(
        default=False,
        help_text="On for a company, off for a free-mail or disposable provider.",
    )

    def __str__(self) -> str:
        return self.domain


@tracked()
class TouchKindRule(models.Model):
    """Lead type and weight of a kind of touch, for touches that say no more."""

    kind = models.CharField(max_length=24, choices=TouchKind, unique=True)
    lead_type = models.ForeignKey(
        LeadType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The lead type of a touch that states none.",
    )
    is_buying_signal = models.BooleanField(
        "buying signal",
        default=False,
        help_text="Offers a lead again that sales could not evaluate.",
    )

    class Meta:
        verbose_name = "touch kind"

    def __str__(self) -> str:
        return self.get_kind_display()


@tracked()
class StageDefinition(Version):
    stage = models.CharField(max_length=12, choices=CHOICES)
    version = models.PositiveSmallIntegerField()
    buyer_did = models.TextField("what the buyer did")
    company_looks_like = models.TextField("what the company looks like")
    problem_shows = models.TextField("problem indicated")
    sales_does_next = models.TextField("what sales does next")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stage", "version"], name="one_definition_per_version"),
            models.UniqueConstraint(
                fields=["stage"],
                condition=Q(status="published"),
                name="one_published_definition_per_stage",
            ),
        ]
        triggers = [
            fixed_once_published(
                name="published_definitions_are_fixed",
                fields=[
                    "stage",
                    "version",
                    "buyer_did",
                    "company_looks_like",
                    "problem_shows",
                    "sales_does_next",
                    "published_at",
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} v{self.version}"


@tracked()
class ScoringModel(Version):
    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField(unique=True)
    mql_threshold = models.PositiveSmallIntegerField(
        default=75,
        validators=[MaxValueValidator(100)],
        help_text="A lead with this many points becomes an MQL.",
    )
    # Nothing reads it, so no page shows it: leads are not accepted automatically yet.
    auto_accept_intent = models.PositiveSmallIntegerField(
        default=70,
        validators=[MaxValueValidator(100)],
        help_text="Intent score in percent from which a lead is accepted automatically.",
    )
    note = models.TextField(blank=True, help_text="Summary of the changes and their reason.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status="published"),
                name="one_published_scoring_model",
            )
        ]
        triggers = [
            fixed_once_published(
                name="published_scoring_models_are_fixed",
                fields=[
                    "name",
                    "version",
                    "mql_threshold",
                    "auto_accept_intent",
                    "note",
                    "published_at",
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


@tracked()
class ScoringGroup(models.Model):
    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="groups")
    code = models.SlugField(max_length=20)
    label = models.CharField(max_length=60)
    cap = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "code"], name="one_scoring_group_per_code")
        ]
        triggers = [
            frozen_once_published(
                name="published_scoring_groups_are_fixed",
                parent_table="leads_scoringmodel",
                parent_column="model_id",
            )
        ]

    def __str__(self) -> str:
        return self.label


@tracked()
class ScoringCriterion(models.Model):
    group = models.ForeignKey(ScoringGroup, on_delete=models.CASCADE, related_name="criteria")
    label = models.CharField(max_length=120)
    field = models.CharField(max_length=60)
    operator = models.CharField(max_length=24)
    value = models.JSONField(null=True, blank=True)
    points = models.SmallIntegerField()
    half_life_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days after which the points are halved. Leave empty to keep them.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "scoring criteria"
        triggers = [
            frozen_once_published(
                name="published_scoring_criteria_are_fixed",
                parent_table="leads_scoringmodel",
                parent_column="group_id",
                via="leads_scoringgroup.model_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.points:+}"
