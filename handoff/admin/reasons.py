"""Edit the reasons of rejections, losses and reversals; they are deactivated, never deleted."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.http import HttpRequest

from core.admin_base import CodeListField, GuardedForm, OrderedAdmin
from handoff.models import LossReason, RejectionReason, ReversalReason
from leads.models import TouchKind

R = TypeVar("R", RejectionReason, LossReason, ReversalReason)


class RejectionReasonForm(GuardedForm):
    signal_kinds = CodeListField(
        label="Buying signals",
        required=False,
        choices=TouchKind.choices,
        help_text="Touches at which a lead rejected for this reason is offered to sales again.",
    )


class ReasonAdmin(OrderedAdmin[R]):
    form = GuardedForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RejectionReason)
class RejectionReasonAdmin(ReasonAdmin[RejectionReason]):
    form = RejectionReasonForm
    list_display = ["label", "key", "code", "route", "cool_down_days", "fault", "is_active"]
    list_filter = ["is_active"]
    fieldsets = [
        (None, {"fields": ["seen", "label", ("code", "key"), "help", "is_active"]}),
        (
            "Follow-up",
            {"fields": ["route", "cool_down_days", "signal_kinds", "fault", "credits_round_robin"]},
        ),
        ("Requirements", {"fields": ["requires_note", "requires_attempts"]}),
    ]


class OutcomeReasonAdmin(ReasonAdmin[R]):
    list_display = ["label", "code", "is_active"]
    list_filter = ["is_active"]
    fields = ["seen", "label", "code", "is_active"]


@admin.register(LossReason)
class LossReasonAdmin(OutcomeReasonAdmin[LossReason]):
    pass


@admin.register(ReversalReason)
class ReversalReasonAdmin(OutcomeReasonAdmin[ReversalReason]):
    pass
