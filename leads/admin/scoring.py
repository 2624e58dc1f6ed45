"""Versions of the scoring model: their pages are those of the scoring editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.admin_base import action
from core.versioning.editors import EditorAdmin
from leads import scoring_models
from leads.admin.scoring_editor import views
from leads.admin.scoring_editor.reading import ScoringEditor
from leads.models import ScoringModel


@admin.register(ScoringModel)
class ScoringModelAdmin(EditorAdmin[ScoringModel]):
    fields = ["name"]
    actions_detail = ["try_lead", "moved_leads", "copy", "publish"]
    review_template = "leads/scoring/review.html"
    start = views.LIST

    def list_page(self, request: HttpRequest) -> HttpResponse:
        return views.list_page(request)

    def row_page(self, request: HttpRequest, row: ScoringModel) -> HttpResponse:
        return views.model_page(request, row)

    def save(self, request: HttpRequest, row: ScoringModel) -> HttpResponse:
        return views.save(request, row)

    def read_editor(self, request: HttpRequest, version: ScoringModel) -> ScoringEditor:
        return views.editor_of(request, version)

    def siblings(self, version: ScoringModel) -> QuerySet[ScoringModel]:
        return ScoringModel.objects.all()

    @action(description="Test a lead", icon="science", permissions=["view"])
    def try_lead(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return views.try_page(request, self._get(request, object_id))

    @action(description="Leads that change", icon="swap_vert", permissions=["view"])
    def moved_leads(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return views.moved_page(request, self._get(request, object_id))

    def do_copy(self, version: ScoringModel) -> ScoringModel:
        return scoring_models.copy_to_draft(version)

    def publish_with_note(self, version: ScoringModel, by: Any, note: str) -> str:
        scoring_models.publish(model=version, by=by, at=timezone.now(), note=note)
        return f"{version} is live. Leads are scored by it from their next touch."
