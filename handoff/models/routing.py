"""Versions of the routing rules, and the decisions made by them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from core.history import tracked
from core.triggers import append_only, fixed_once_published, frozen_once_published
from core.versioning.models import Version
from leads.models import Lead


@tracked(exclude=("compiled",))
class RuleSet(Version):
    """`compiled` holds the rules as frozen at publication; routing uses nothing else."""

    version = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100)
    note = models.TextField(blank=True, help_text="Summary of the changes and their reason.")
    required_fields = models.JSONField(
        default=list,
        blank=True,
        help_text="Field codes. A lead missing two of them goes to nurture.",
    )
    compiled = models.JSONField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="published"), name="one_published_rule_set"
            ),
            models.CheckConstraint(
                condition=~Q(status="published", compiled=None),
                name="published_rule_set_is_compiled",
            ),
        ]
        triggers = [
            fixed_once_published(
                name="published_rule_sets_are_fixed",
                fields=["version", "name", "note", "required_fields", "compiled", "published_at"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


@tracked()
class RoutingRule(models.Model):
    """One rule of a set: in order, the first match with an available rep wins."""

    class Match(models.TextChoices):
        ALL = "all", "All conditions"
        ANY = "any", "Any condition"

    class Target(models.TextChoices):
        ACCOUNT_OWNER = "account_owner", "Account owner"
        COMPANY_REP = "company_rep", "Rep with another open lead of the company"
        PERSON = "person", "Person"
        POOL = "pool", "Round robin in a pool"
        QUEUE = "queue", "Queue"
        NURTURE = "nurture", "Nurture"

    class WhenNobody(models.TextChoices):
        NEXT_RULE = "next_rule", "Try the next rule"
        QUEUE = "queue", "Assign to a queue"

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField(default=0, db_index=True)
    name = models.CharField(max_length=100)
    rationale = models.TextField(blank=True, help_text="The reason for this rule.")
    is_active = models.BooleanField(default=True)
    match = models.CharField(max_length=3, choices=Match, default=Match.ALL)
    target = models.CharField(max_length=16, choices=Target)
    person = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requires_working_hours = models.BooleanField(
        default=False,
        help_text="Assigns only to reps who are within their working hours.",
    )
    when_nobody = models.CharField(max_length=10, choices=WhenNobody, default=WhenNobody.NEXT_RULE)
    fallback_queue = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    policy_code = models.SlugField(
        max_length=40, blank=True, help_text="SLA policy. Empty uses the default policy."
    )
    origin = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text="This rule in the first version that has it. Empty in that version.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(target="person") | ~Q(person=None), name="person_rule_names_one"
            ),
            models.CheckConstraint(
                condition=~Q(target__in=["pool", "queue"]) | ~Q(team=None),
                name="team_rule_names_one",
            ),
            models.CheckConstraint(
                condition=~Q(when_nobody="queue") | ~Q(fallback_queue=None),
                name="fallback_rule_names_queue",
            ),
        ]
        triggers = [
            frozen_once_published(
                name="published_rules_are_fixed",
                parent_table="handoff_ruleset",
                parent_column="rule_set_id",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> int:
        """Return what this rule has in common with itself in other versions."""
        return self.origin_id or self.pk

    @property
    def tree(self) -> dict[str, Any]:
        """Return the conditions in the criteria language."""
        return {self.match: [row.tree for row in self.conditions.order_by("position", "pk")]}


@tracked()
class RuleCondition(models.Model):
    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE, related_name="conditions")
    position = models.PositiveIntegerField(default=0, db_index=True)
    field = models.CharField(max_length=60)
    operator = models.CharField(max_length=24)
    value = models.JSONField(null=True, blank=True)

    class Meta:
        triggers = [
            frozen_once_published(
                name="published_conditions_are_fixed",
                parent_table="handoff_ruleset",
                parent_column="rule_id",
                via="handoff_routingrule.rule_set_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.value}"

    @property
    def tree(self) -> dict[str, Any]:
        return {"field": self.field, "op": self.operator, "value": self.value}


class RoutingDecision(models.Model):
    """The reason for an assignment, never deleted; `facts` are the values the rules saw."""

    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, db_index=False)
    rule = models.ForeignKey(RoutingRule, on_delete=models.PROTECT, null=True, db_index=False)
    decided_at = models.DateTimeField()
    target = models.CharField(max_length=16, choices=RoutingRule.Target)
    user = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    because = models.TextField(help_text="The reason, as shown to the rep.")
    facts = models.JSONField()
    trace = models.JSONField()
    seed = models.BigIntegerField()

    class Meta:
        triggers = [append_only("decisions_are_append_only")]
        # With the id, or the planner may look for a lead's latest decision through all of them.
        indexes = [models.Index(fields=["lead", "-id"], name="decision_by_lead")]

    def __str__(self) -> str:
        return self.because
