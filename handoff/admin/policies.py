"""SLA policies and their targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin_base import GuardedForm, display
from core.versioning.admin import VersionAdmin, VersionRows
from handoff.models import SlaPolicy, SlaTarget
from handoff.sla import versions
from handoff.sla.durations import duration_words, minutes_of
from leads.models import Temperature
from people.models import User


class PolicyForm(GuardedForm):
    def rows_of(self, instance: SlaPolicy) -> Sequence[QuerySet[Any, Any]]:
        return (instance.targets.values(),)


class DurationField(forms.CharField):
    """Minutes, typed and shown as “8 hours”."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return duration_words(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        try:
            return minutes_of(super().clean(value))
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(minutes_of(data or "") != initial)
        except ValueError:
            return True


class TargetForm(forms.ModelForm[SlaTarget]):
    within_minutes = DurationField(label="Within")

    class Meta:
        model = SlaTarget
        fields: list[str] = []
        labels = {
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
    readonly_fields = ["within"]
    verbose_name = "target"
    verbose_name_plural = "targets: the most specific one for a lead applies"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        if self._is_open(obj):
            return fields
        return ["within" if name == "within_minutes" else name for name in fields]

    @display(description="within")
    def within(self, target: SlaTarget) -> str:
        return duration_words(target.within_minutes, is_working=target.counts_business_time)

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
