"""Versions of the ordered routing rules, and the stored decision behind every offer."""

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
    """`compiled` is the frozen reading of the rules at publication; routing uses nothing else."""

    version = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100)
    note = models.TextField(blank=True, help_text="What changes and why.")
    required_fields = models.JSONField(
        default=list,
        blank=True,
        help_text="Field codes; a lead missing two of them goes to nurture (QUA-16).",
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
    """One rule of a set; in order, the first that matches and finds somebody wins."""

    class Match(models.TextChoices):
        ALL = "all", "All conditions"
        ANY = "any", "Any condition"

    class Target(models.TextChoices):
        ACCOUNT_OWNER = "account_owner", "The account's owner"
        PERSON = "person", "A person"
        POOL = "pool", "A pool, by weighted turn"
        QUEUE = "queue", "A queue"
        NURTURE = "nurture", "Nurture"

    class WhenNobody(models.TextChoices):
        NEXT_RULE = "next_rule", "Try the next rule"
        QUEUE = "queue", "Put it in the queue"

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField(default=0, db_index=True)
    name = models.CharField(max_length=100)
    rationale = models.TextField(blank=True, help_text="Why this rule exists, in words.")
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
        default=False, help_text="Only people whose working hours it is now."
    )
    when_nobody = models.CharField(max_length=10, choices=WhenNobody, default=WhenNobody.NEXT_RULE)
    fallback_queue = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    policy_code = models.SlugField(
        max_length=40, blank=True, help_text="SLA policy; empty: the default one."
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
    def tree(self) -> dict[str, Any]:
        """The conditions in the criteria language."""
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
    """Why a lead went where it went, for good (N-02); `facts` is what the rules saw (N-01)."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="decisions")
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
    because = models.TextField(help_text="Two sentences for the rep.")
    facts = models.JSONField()
    trace = models.JSONField()
    seed = models.BigIntegerField()

    class Meta:
        triggers = [append_only("decisions_are_append_only")]

    def __str__(self) -> str:
        return self.because
