"""Name the systems that external ids belong to."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core.admin_base import Admin, GuardedForm, display
from leads.models import SourceSystem


@admin.register(SourceSystem)
class SourceSystemAdmin(Admin[SourceSystem]):
    form = GuardedForm
    list_display = ["name", "contacts", "note"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["seen", "name", "note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceSystem]:
        return super().get_queryset(request).annotate(contacts=Count("external_ids"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: SourceSystem | None = None
    ) -> list[str]:
        return ["name"] if obj else []

    @display(description="external IDs")
    def contacts(self, row: SourceSystem) -> int:
        return int(getattr(row, "contacts", 0))
