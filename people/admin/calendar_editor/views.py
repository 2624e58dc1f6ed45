"""Answer the requests of the calendar pages; the admin class checks who may send them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.admin_base import ProductPage
from core.versioning.editors import is_part
from people.admin.calendar_editor import editing
from people.admin.calendar_editor.content import Content
from people.admin.calendar_editor.forms import CalendarForm
from people.admin.calendar_editor.history import read_history
from people.admin.calendar_editor.reading import (
    CalendarPage,
    CalendarUse,
    Consequence,
    consequence_of,
    read_calendars,
    read_uses,
)
from people.admin.calendar_editor.words import opening_hours_text, weekly_text
from people.models import User, WorkCalendar
from people.worktime import week

TEMPLATE: Final = "people/calendars/page.html"
OFFICE_HOURS: Final = (time(9), time(17))


def list_page(request: HttpRequest) -> ProductPage:
    return ProductPage(
        request,
        "people/calendars/list.html",
        calendars=read_calendars(timezone.now()),
        may_add=request.user.has_perm("people.add_workcalendar"),
    )


def calendar_page(
    request: HttpRequest,
    calendar: WorkCalendar | None,
    *,
    may_edit: bool,
    kept: Sequence[str] = (),
) -> HttpResponse:
    """Show a calendar, or the form of a new one; `kept` are the reasons not to delete it."""
    stored = editing.content_of(calendar) if calendar else new_content(request)
    form = CalendarForm(stored, stored.as_values())
    return _page(request, calendar, stored, form, may_edit=may_edit, kept=kept)


def save(request: HttpRequest, calendar: WorkCalendar | None) -> HttpResponse:
    """Save, or show what saving would change if that was not asked for."""
    at = timezone.now()
    stored = editing.content_of(calendar) if calendar else new_content(request)
    base = editing.base_values(request.POST.get("base", ""), stored.as_values())
    is_final = "save" in request.POST
    form = CalendarForm(stored, base, request.POST, is_final=is_final)
    if not is_final:
        form.show_conflicts(form.conflicts)
    if not is_final or form.values is None:
        return _page(request, calendar, stored, form, is_final=is_final)
    if calendar is None:
        added, saved = editing.create(form.values, at=at)
    else:
        added, saved = calendar, editing.save(calendar.pk, base=base, mine=form.values, at=at)
    if not saved.is_written:
        form.show_problems(saved.problems)
        form.show_conflicts(saved.conflicts)
        if saved.conflicts:
            stored = saved.before
            form.base = stored.as_values()
        return _page(request, calendar, stored, form, is_final=True)
    if saved.before == saved.after:
        messages.info(request, "Nothing changed.")
    else:
        is_shared = bool(saved.before.name) and saved.before.as_values() != base
        messages.success(request, _saved_text(added, saved, at, is_shared=is_shared))
    return redirect(reverse("admin:people_workcalendar_change", args=[added.pk]))


def new_content(request: HttpRequest) -> Content:
    """Return what a new calendar starts with: office hours in the time zone of the user."""
    zone = cast(User, request.user).time_zone
    return Content(time_zone=zone, windows=week(range(5), OFFICE_HOURS))


def _page(
    request: HttpRequest,
    calendar: WorkCalendar | None,
    stored: Content,
    form: CalendarForm,
    *,
    may_edit: bool = True,
    is_final: bool = False,
    kept: Sequence[str] = (),
) -> ProductPage:
    """Show what is stored, or what was typed over it and what that would change."""
    at, shown = timezone.now(), form.shown(stored) if form.is_bound else stored
    use = read_uses([calendar.pk])[calendar.pk] if calendar else CalendarUse()
    consequence: Consequence | None = None if form.is_bound else Consequence(())
    if form.values is not None:
        if not is_final:
            form.show_problems(_problems(shown, at, calendar))
        if not form.has_problems:
            consequence = consequence_of(stored, shown, use, at)
    page = CalendarPage(shown, stored, at, form.removed, use)
    return ProductPage(
        request,
        f"{TEMPLATE}#editor" if is_part(request) else TEMPLATE,
        status=422 if is_final and not is_part(request) else 200,
        calendar=calendar,
        page=page,
        form=form,
        consequence=consequence,
        history=read_history(calendar, stored) if calendar and not is_part(request) else (),
        may_edit=may_edit,
        kept=kept,
        is_part=is_part(request),
    )


def _problems(shown: Content, at: datetime, calendar: WorkCalendar | None) -> editing.Problems:
    """Return what to mend; the name of a new calendar may be typed last."""
    problems = dict(editing.problems_of(shown, at, calendar.pk if calendar else None))
    if calendar is None and not shown.name:
        problems.pop("name", None)
    return problems


def _saved_text(
    calendar: WorkCalendar, saved: editing.SavedCalendar, at: datetime, *, is_shared: bool
) -> str:
    after = saved.after
    week_text = f"Open {weekly_text(after.windows)}: {opening_hours_text(after.windows)}."
    if not saved.before.name:
        return f"{calendar} is saved. {week_text} Choose it for teams and users."
    use = read_uses([calendar.pk])[calendar.pk]
    kept = "Changes of another user, saved meanwhile, are kept." if is_shared else ""
    consequence = consequence_of(saved.before, after, use, at)
    return " ".join(filter(None, ["Saved and live.", str(consequence), week_text, kept]))
