"""Rejection reasons, the rejections that carry them, and reasons of lost and reversed deals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from core.history import tracked
from handoff.rejection_routes import ROUTES, RejectionRoute
from leads.enums import TouchKind

MIN_ACTIVE: Final = 5
MAX_ACTIVE: Final = 9
KEYS: Final = range(1, MAX_ACTIVE + 1)


def default_signals() -> list[str]:
    return [
        TouchKind.DEMO_REQUEST.value,
        TouchKind.QUOTE_REQUEST.value,
        TouchKind.CONSULTATION_REQUEST.value,
    ]


@tracked()
class RejectionReason(models.Model):
    """A code for rejections with the route of the lead. Deactivated, never deleted or reused."""

    class Fault(models.TextChoices):
        AUDIENCE = "audience", "Audience"
        MESSAGE = "promise", "Campaign message"
        PAGE = "page", "Landing page"
        FORM = "form", "Form"
        OFFER = "offer", "Offer"
        FOLLOW_UP = "follow_up", "Sales follow-up"
        NONE = "none", "None"

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    help = models.CharField(max_length=200, blank=True, help_text="When to use this reason.")
    route = models.CharField(
        max_length=12, choices=[(route.code, route.label) for route in ROUTES.values()]
    )
    fault = models.CharField(max_length=12, choices=Fault, default=Fault.NONE)
    cool_down_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days before the lead may resurface; empty for no date.",
    )
    signal_kinds = ArrayField(
        models.CharField("touch kind", max_length=24, choices=TouchKind),
        verbose_name="buying signals",
        default=default_signals,
        blank=True,
        help_text="Kinds of touches at which the lead is offered to sales again.",
    )
    requires_note = models.BooleanField(default=False)
    requires_attempts = models.BooleanField(
        default=False, help_text="Available only after the attempts that the SLA policy requires."
    )
    credits_round_robin = models.BooleanField(
        "gives the position back",
        default=False,
        help_text="It was not a lead: the rep gets their position in the round robin back.",
    )
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    key = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        choices=[(digit, str(digit)) for digit in KEYS],
        help_text="The digit that reps type for this reason. Empty takes the next free one.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(is_active=True),
                name="one_active_reason_per_key",
                violation_error_message="Another active reason has this key.",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="reasons_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="reason_code_never_changes", fields=["code"]),
            pgtrigger.Trigger(
                name="five_to_nine_active_reasons",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                declare=[("active", "bigint")],
                # The lock serializes two users who each deactivate a reason.
                func=f"""
                    PERFORM pg_advisory_xact_lock(hashtext('active_reasons'));
                    SELECT count(*) INTO active FROM handoff_rejectionreason WHERE is_active;
                    IF active > {MAX_ACTIVE}
                        OR TG_OP = 'UPDATE' AND NOT NEW.is_active AND active < {MIN_ACTIVE}
                    THEN
                        RAISE EXCEPTION 'between {MIN_ACTIVE} and {MAX_ACTIVE} reasons '
                            'are active' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,  # noqa: S608  (no input in it)
            ),
        ]

    def __str__(self) -> str:
        return self.label

    if TYPE_CHECKING:
        # Provided by ABSOLUTE_URL_OVERRIDES, because the list belongs to a higher app.
        def get_absolute_url(self) -> str: ...

    @property
    def sets_in_motion(self) -> RejectionRoute:
        return ROUTES[self.route]

    @staticmethod
    def problem_with_active_count(*, before: int, after: int) -> str:
        """Return why this change is refused: five to nine stay active, once there are five."""
        if after > MAX_ACTIVE:
            return f"At most {MAX_ACTIVE} reasons may be active. Deactivate another one first."
        if after < MIN_ACTIVE and after < before:
            return f"At least {MIN_ACTIVE} reasons must stay active. Activate another one first."
        return ""

    def clean(self) -> None:
        route = ROUTES.get(self.route)
        needs = route.needs if route else {}
        empty = {name: text for name, text in needs.items() if getattr(self, name) in (None, [])}
        if empty:
            raise ValidationError(empty)
        active = set(RejectionReason.objects.filter(is_active=True).values_list("pk", flat=True))
        before = len(active)
        others = len(active - {self.pk})
        after = others + self.is_active
        if problem := self.problem_with_active_count(before=before, after=after):
            raise ValidationError({"is_active": problem})
        if self.is_active and self.key is None:
            self.key = free_key()


def free_key() -> int | None:
    rows = RejectionReason.objects.order_by("is_active").values_list("key", "is_active")
    return first_free_key({key: is_active for key, is_active in rows if key})


def first_free_key(is_active: Mapping[int, bool]) -> int | None:
    """Return a key that no active reason has, and no inactive one either if there is such a key."""
    free = (key for key in KEYS if not is_active.get(key))
    return min(free, key=lambda key: key in is_active, default=None)


class OutcomeReason(models.Model):
    """A code for what becomes of a qualified lead. Deactivated, never deleted or reused."""

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def problem_with_active_count(*, before: int, after: int) -> str:
        return "" if after else "At least one reason must stay active. Activate another one first."

    def clean(self) -> None:
        others = type(self)._default_manager.filter(is_active=True).exclude(pk=self.pk).count()
        after = others + self.is_active
        if problem := self.problem_with_active_count(before=others + 1, after=after):
            raise ValidationError({"is_active": problem})


@tracked()
class LossReason(OutcomeReason):
    """Why a qualified lead or an opportunity is lost."""

    class Meta:
        triggers = [
            pgtrigger.Protect(name="loss_reasons_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="loss_reason_code_never_changes", fields=["code"]),
        ]


@tracked()
class ReversalReason(OutcomeReason):
    """Why a won deal is reversed."""

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="reversal_reasons_are_never_deleted", operation=pgtrigger.Delete
            ),
            pgtrigger.ReadOnly(name="reversal_reason_code_never_changes", fields=["code"]),
        ]


class UndoableAnswer(models.Model):
    """The changes and events of an answer, by which it can be undone for a few seconds.

    `changes` are those of its unit of work, `kind` is that of its event.
    """

    handoff = models.ForeignKey(
        "handoff.Handoff", on_delete=models.PROTECT, related_name="undoable_answers"
    )
    kind = models.CharField(max_length=20)
    by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    events = ArrayField(models.BigIntegerField())
    changes = models.JSONField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} of handoff {self.handoff_id}"


class Rejection(models.Model):
    handoff = models.OneToOneField(
        "handoff.Handoff", on_delete=models.PROTECT, related_name="rejection"
    )
    reason = models.ForeignKey(RejectionReason, on_delete=models.PROTECT)
    note = models.CharField(max_length=200, blank=True)
    rejected_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rejected_at = models.DateTimeField()
    wake_on = models.DateField(null=True, blank=True, help_text="When the lead may resurface.")

    def __str__(self) -> str:
        return f"{self.reason} for {self.handoff}"
