"""Business calendars: their pages are those of the calendar editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.admin_base import Admin
from people.admin.calendar_editor import views
from people.admin.calendar_editor.reading import reasons_to_keep
from people.models import WorkCalendar


@admin.register(WorkCalendar)
class WorkCalendarAdmin(Admin[WorkCalendar]):
    search_fields = ["name"]
    ordering = ["name"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return views.list_page(request)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return views.save(request, None)
        return views.calendar_page(request, None, may_edit=True)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        calendar = self.get_object(request, object_id)
        if calendar is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined, no-any-return]
                request, self.opts, object_id
            )
        may_edit = self.has_change_permission(request, calendar)
        if request.method == "POST":
            if not may_edit:
                raise PermissionDenied
            return views.save(request, calendar)
        if not self.has_view_or_change_permission(request, calendar):
            raise PermissionDenied
        may_delete = self.has_delete_permission(request, calendar)
        kept = reasons_to_keep(calendar) if may_delete else []
        return views.calendar_page(request, calendar, may_edit=may_edit, kept=kept)

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
