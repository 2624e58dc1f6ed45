"""Business calendars: their pages are those of the calendar editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.page_admin import PageAdmin
from people.admin.calendar_editor import views
from people.admin.calendar_editor.reading import reasons_to_keep
from people.models import WorkCalendar


@admin.register(WorkCalendar)
class WorkCalendarAdmin(PageAdmin[WorkCalendar]):
    search_fields = ["name"]
    ordering = ["name"]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        return views.list_page(request)

    def row_page(self, request: HttpRequest, row: WorkCalendar) -> HttpResponse:
        may_edit = self.has_change_permission(request, row)
        kept = reasons_to_keep(row) if self.has_delete_permission(request, row) else []
        return views.calendar_page(request, row, may_edit=may_edit, kept=kept)

    def save(self, request: HttpRequest, row: WorkCalendar) -> HttpResponse:
        return views.save(request, row)

    def add_page(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return views.save(request, None)
        return views.calendar_page(request, None, may_edit=True)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say in words why a calendar is kept."""
        calendar = self.get_object(request, object_id)
        may_delete = calendar is not None and self.has_delete_permission(request, calendar)
        if calendar and may_delete and (reasons := reasons_to_keep(calendar)):
            messages.error(request, f"{calendar} was not deleted. {' '.join(reasons)}")
            return redirect("admin:people_workcalendar_change", calendar.pk)
        return super().delete_view(request, object_id, extra_context)
