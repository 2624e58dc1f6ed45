"""Edit scoring models: groups with caps, and their criteria with points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin_base import GuardedForm, display
from core.criteria.fields import Catalog
from core.versioning.admin import VersionAdmin, VersionRows
from core.versioning.models import Version
from leads import scoring_models
from leads.admin.conditions import (
    ConditionForm,
    ConditionRows,
    WithCatalog,
    words_of,
)
from leads.live_catalog import live_catalog
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from people.models import User


class ScoringModelForm(GuardedForm):
    class Meta:
        model = ScoringModel
        fields: list[str] = []
        labels = {
            "mql_threshold": "MQL threshold",
        }

    def rows_of(self, instance: ScoringModel) -> Sequence[QuerySet[Any, Any]]:
        criteria = ScoringCriterion.objects.filter(group__model=instance)
        return instance.groups.values(), criteria.values()


class CriterionForm(ConditionForm):
    class Meta:
        model = ScoringCriterion
        fields: list[str] = []
        labels = {"half_life_days": "Half-life"}
        help_texts = {"half_life_days": "Days after which the points are halved."}


class CriteriaRows(VersionRows):
    model = ScoringCriterion
    form = CriterionForm
    formset = ConditionRows
    ordering = ["position", "pk"]
    ordering_field = "position"
    hide_ordering_field = True
    verbose_name = "criterion"
    verbose_name_plural = "criteria"

    @cached_property
    def catalog(self) -> Catalog:
        return live_catalog()

    def version_of(self, obj: Any) -> Version | None:
        return (
            obj.model if isinstance(obj, ScoringGroup) and obj.model_id else super().version_of(obj)
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self._is_open(obj):
            return ["label", "words", "points", "half_life_days"]
        return ["label", "field", "operator", "value", "points", "half_life_days", "position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if self._is_open(obj) else ["words"]

    @display(description="condition")
    def words(self, row: ScoringCriterion) -> str:
        return words_of(row.field, row.operator, row.value, self.catalog)


class GroupRows(VersionRows):
    model = ScoringGroup
    fields = ["label", "code", "cap", "position"]
    ordering = ["position", "pk"]
    ordering_field = "position"
    hide_ordering_field = True
    verbose_name = "group"
    verbose_name_plural = "groups and criteria"
    inlines = [CriteriaRows]


@admin.register(ScoringModel)
class ScoringModelAdmin(WithCatalog, VersionAdmin[ScoringModel]):
    form = ScoringModelForm
    list_display = ["title", "state", "mql_threshold", "published_at", "published_by"]
    list_filter = ["status"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "seen",
                    "name",
                    ("version", "state"),
                    "mql_threshold",
                ]
            },
        ),
        ("Published", {"fields": [("published_at", "published_by")]}),
    ]
    inlines = [GroupRows]

    def problems(self, version: ScoringModel) -> list[str]:
        return scoring_models.problems_of(version)

    def do_publish(self, version: ScoringModel, by: User) -> None:
        scoring_models.publish(model=version, by=by, at=timezone.now())

    def do_copy(self, version: ScoringModel) -> ScoringModel:
        return scoring_models.copy_to_draft(version)
