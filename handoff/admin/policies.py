"""SLA policies and their targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin_base import GuardedForm
from core.versioning.admin import VersionAdmin, VersionRows
from handoff.models import SlaPolicy, SlaTarget
from handoff.sla import versions
from leads.models import Temperature
from people.models import User


class PolicyForm(GuardedForm):
    def rows_of(self, instance: SlaPolicy) -> Sequence[QuerySet[Any, Any]]:
        return (instance.targets.values(),)


class TargetForm(forms.ModelForm[SlaTarget]):
    class Meta:
        model = SlaTarget
        fields: list[str] = []
        labels = {
            "within_minutes": "Minutes",
            "counts_business_time": "Business hours",
            "warn_at_percent": "Warn at %",
            "reassigns_on_breach": "Reassign",
        }


class TargetRows(VersionRows):
    model = SlaTarget
    form = TargetForm
    fields = [
        "clock",
        "lead_type",
        "temperature",
        "within_minutes",
        "counts_business_time",
        "warn_at_percent",
        "reassigns_on_breach",
    ]
    ordering = ["clock", "lead_type__position", "temperature", "pk"]
    verbose_name = "target"
    verbose_name_plural = "targets: the most specific one for a lead applies"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "lead_type" and field:
            field.empty_label = "Any"
        return field

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "temperature":
            kwargs["choices"] = [("", "Any"), *Temperature.choices]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.register(SlaPolicy)
class SlaPolicyAdmin(VersionAdmin[SlaPolicy]):
    form = PolicyForm
    list_display = ["title", "state", "is_default", "published_at", "published_by"]
    list_filter = ["status", "code"]
    ordering = ["code", "-version"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "seen",
                    ("name", "code"),
                    ("version", "state"),
                    "is_default",
                    ("attempts_required", "hop_limit"),
                ]
            },
        ),
        ("Published", {"fields": [("published_at", "published_by")]}),
    ]
    readonly_fields = ["code", *VersionAdmin.readonly_fields]
    inlines = [TargetRows]

    def problems(self, version: SlaPolicy) -> list[str]:
        return versions.problems_of(version)

    def do_publish(self, version: SlaPolicy, by: User) -> None:
        versions.publish(policy=version, by=by, at=timezone.now())

    def do_copy(self, version: SlaPolicy) -> SlaPolicy:
        return versions.copy_to_draft(version)
