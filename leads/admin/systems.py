"""Name the systems that external ids belong to."""

from __future__ import annotations

from typing import Final

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest

from core.admin_base import Admin, GuardedForm, display
from core.formatting import count_up_to_text
from leads.models import ExternalId, SourceSystem

MAX_COUNT: Final = 1_000


@admin.register(SourceSystem)
class SourceSystemAdmin(Admin[SourceSystem]):
    form = GuardedForm
    list_display = ["name", "contacts", "note"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["seen", "name", "note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceSystem]:
        """Read external ids of each system as far as they are counted."""
        ids = ExternalId.objects.filter(system=OuterRef("pk")).values("pk")[: MAX_COUNT + 1]
        return super().get_queryset(request).annotate(some_ids=ArraySubquery(ids))

    def get_readonly_fields(
        self, request: HttpRequest, obj: SourceSystem | None = None
    ) -> list[str]:
        return ["name"] if obj else []

    @display(description="external IDs")
    def contacts(self, row: SourceSystem) -> str:
        return count_up_to_text(len(getattr(row, "some_ids", ())), MAX_COUNT)
