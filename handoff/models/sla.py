"""Versions of SLA policies with their targets, the clocks, and the escalations."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.history import tracked
from core.triggers import fixed_once_published, frozen_once_published
from core.versioning.models import Version
from handoff import clock_kinds, escalation_steps
from leads.models import Lead, LeadType, Temperature


@tracked()
class SlaPolicy(Version):
    """One version of a policy. Clocks keep the version they started under."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    is_default = models.BooleanField(
        default=False, help_text="Used when the matching rule names no policy."
    )
    hop_limit = models.PositiveSmallIntegerField(
        default=3, help_text="Reassignments after which a late lead goes to the last queue."
    )
    attempts_required = models.PositiveSmallIntegerField(
        default=5, help_text="Attempts required before a rep can reject as Unresponsive."
    )
    note = models.TextField(blank=True, help_text="Summary of the changes and their reason.")

    class Meta:
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_policy_per_version"),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(status="published"),
                name="one_published_version_per_policy",
            ),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(status="published", is_default=True),
                name="one_default_policy",
            ),
        ]
        triggers = [
            # Another policy may become the default; the targets stay.
            fixed_once_published(
                name="published_policies_are_fixed",
                fields=[
                    "code",
                    "name",
                    "version",
                    "hop_limit",
                    "attempts_required",
                    "note",
                    "published_at",
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


@tracked()
class SlaTarget(models.Model):
    """One target of a policy; the most specific one for a lead applies."""

    policy = models.ForeignKey(SlaPolicy, on_delete=models.CASCADE, related_name="targets")
    clock = models.CharField(max_length=clock_kinds.MAX_CODE_LENGTH, choices=clock_kinds.choices)
    lead_type = models.ForeignKey(
        LeadType, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    temperature = models.CharField(max_length=4, choices=Temperature, blank=True)
    within_minutes = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    counts_business_time = models.BooleanField(
        default=True, help_text="Turn off to run the clock at night and on closed days too."
    )
    warn_at_percent = models.PositiveSmallIntegerField(
        default=80, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    reassigns_on_breach = models.BooleanField(
        default=True,
        help_text="Reassigns the lead on a breach, never to a previous owner.",
    )

    class Meta:
        verbose_name = "SLA target"
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "clock", "lead_type", "temperature"],
                name="one_target_per_clock_type_temperature",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(within_minutes__gte=1), name="target_is_positive"),
        ]
        triggers = [
            frozen_once_published(
                name="published_targets_are_fixed",
                parent_table="handoff_slapolicy",
                parent_column="policy_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()} within {self.within_minutes} minutes"


class SlaClock(models.Model):
    """The timer of one SLA target on one handoff; written only by `handoff.sla.clocks`.

    Running: `stopped_at` is empty. Met: stopped without `breached_at`. A breach does not stop it:
    the target stays owed until it is fulfilled or the handoff ends. `calendar` pins the working
    time that counts, `target` the policy version, so that the deadline can always be explained.
    """

    handoff = models.ForeignKey(
        "handoff.Handoff", on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=clock_kinds.MAX_CODE_LENGTH, choices=clock_kinds.choices)
    target = models.ForeignKey(SlaTarget, on_delete=models.PROTECT, db_index=False)
    calendar = models.ForeignKey(
        "people.CalendarEdition", on_delete=models.PROTECT, null=True, db_index=False
    )
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_action_at = models.DateTimeField(
        null=True, help_text="When the sweep acts next. Empty means never."
    )
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    is_met = models.BooleanField(
        null=True, help_text="Whether the target was met. Empty means open or void."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handoff", "kind"],
                condition=Q(stopped_at=None),
                name="one_running_clock_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("started_at")), name="clock_has_length"
            ),
            models.CheckConstraint(
                condition=~Q(is_met=True) | Q(breached_at=None), name="met_clock_was_not_breached"
            ),
        ]
        indexes = [
            # For the sweep, without the stopped clocks.
            models.Index(
                fields=["next_action_at", "id"],
                condition=Q(stopped_at=None) & ~Q(next_action_at=None),
                name="clock_running_by_next_action",
            ),
            models.Index(fields=["handoff", "kind"], name="clock_by_handoff"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} clock of handoff {self.handoff_id}"


class Escalation(models.Model):
    """One step taken for a clock; at most one of each per clock."""

    clock = models.ForeignKey(
        SlaClock, on_delete=models.PROTECT, related_name="escalations", db_index=False
    )
    step = models.CharField(max_length=12, choices=escalation_steps.choices)
    taken_at = models.DateTimeField()
    payload = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "step"], name="one_escalation_per_step")
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} for clock {self.clock_id}"
