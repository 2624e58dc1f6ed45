from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import time, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from unfold.widgets import UnfoldAdminSingleTimeWidget

from core.admin_base import Admin, GuardedForm, Rows, RowSet, display
from core.formatting import number_text, time_text
from people.admin.fields import ZoneField
from people.calendars import edition_for, public_holidays
from people.models import CalendarWindow, ClosedDay, User, WorkCalendar
from people.worktime import BadCalendar, Window, overlap, weekly_time


class CalendarForm(GuardedForm):
    time_zone = ZoneField(initial="UTC")

    def rows_of(self, instance: WorkCalendar) -> Sequence[QuerySet[Any, Any]]:
        return [instance.windows.values(), instance.closed_days.values()]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        country, region = (data.get("country") or "").upper(), (data.get("region") or "").upper()
        try:
            public_holidays(country, region, [timezone.now().year])
        except BadCalendar as problem:
            self.add_error("country", str(problem))
        data |= {"country": country, "region": region}
        return data


class ClosingTimeField(forms.TimeField):
    """Read 24:00 as the end of the day."""

    widget = UnfoldAdminSingleTimeWidget

    def to_python(self, value: Any) -> time | None:
        is_midnight = str(value).strip() in ("24:00", "24:00:00")
        return time() if is_midnight else super().to_python(value)


class WindowForm(forms.ModelForm[CalendarWindow]):
    """Ask for the next day in words, because a closing time before the opening may be a slip."""

    closes = ClosingTimeField()
    is_next_day = forms.BooleanField(label="Closes the next day", required=False)

    class Meta:
        model = CalendarWindow
        fields = ["weekday", "opens", "closes"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["is_next_day"] = needs_next_day(self.instance.opens, self.instance.closes)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens"), data.get("closes")
        if opens is None or closes is None:
            return data
        if needs_next_day(opens, closes) and not data.get("is_next_day"):
            meaning = "is open for 24 hours" if opens == closes else "runs into the next day"
            self.add_error(
                "closes",
                f"This is not after {time_text(opens)}. Select the next day if it {meaning}.",
            )
        elif data.get("is_next_day") and closes > opens:
            self.add_error(
                "closes",
                f"Until {time_text(closes)} of the next day would be more than 24 hours. "
                "Add a row for that day.",
            )
        return data


def needs_next_day(opens: time, closes: time) -> bool:
    """Return whether hours end on another day; midnight is the end of the day itself."""
    return closes <= opens and closes != time()


class WindowSet(RowSet):  # type: ignore[type-arg]  # the theme's is not generic
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [form.cleaned_data for form in self.forms if form.is_valid()]
        windows = [
            Window(row["weekday"], row["opens"], row["closes"])
            for row in rows
            if row and not row.get("DELETE")
        ]
        if not windows:
            raise ValidationError("Add at least one period of opening hours.")
        if both := overlap(windows):
            first, second = (CalendarWindow(**asdict(window)) for window in both)
            raise ValidationError(f"{first} and {second} overlap. Change or delete one of them.")


class WindowRows(Rows[Any, Any]):
    model = CalendarWindow
    formset = WindowSet
    extra = 0
    hide_title = True
    ordering = ["weekday", "opens"]
    form = WindowForm
    fields = ["weekday", "opens", "closes", "is_next_day"]
    verbose_name = "opening hours"
    verbose_name_plural = "opening hours, in the time zone of the calendar"


class ClosedDayRows(Rows[Any, Any]):
    model = ClosedDay
    extra = 0
    hide_title = True
    ordering = ["day"]
    fields = ["day", "name"]
    verbose_name = "closed day"
    verbose_name_plural = "closed days in addition to public holidays"


@admin.register(WorkCalendar)
class WorkCalendarAdmin(Admin[WorkCalendar]):
    form = CalendarForm
    list_display = ["name", "time_zone", "opening", "country", "region"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["seen", "name", "time_zone", ("country", "region")]
    inlines = [WindowRows, ClosedDayRows]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        zone = {"time_zone": cast(User, request.user).time_zone}
        return zone | super().get_changeform_initial_data(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkCalendar]:
        return super().get_queryset(request).prefetch_related("windows")

    @display(description="open")
    def opening(self, calendar: WorkCalendar) -> str:
        return opening_hours_text(calendar.windows.all())

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except BadCalendar as problem:
            messages.error(request, f"Nothing was saved. {problem}")
            return redirect(request.get_full_path())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Create the edition that clocks use; BadCalendar undoes the whole save."""
        super().save_related(request, form, formsets, change)
        edition_for(form.instance, at=timezone.now())
        windows = list(CalendarWindow.objects.filter(calendar=form.instance))
        hours = weekly_time(Window(row.weekday, row.opens, row.closes) for row in windows)
        messages.info(request, f"Open {hours_text(hours)} per week: {opening_hours_text(windows)}.")


def opening_hours_text(windows: Any) -> str:
    """Group days with equal hours: Mon–Fri 9:00 AM–5:00 PM."""
    hours: dict[tuple[time, time], list[int]] = {}
    for window in sorted(windows, key=lambda row: (row.weekday, row.opens)):
        hours.setdefault((window.opens, window.closes), []).append(window.weekday)
    return "; ".join(
        f"{weekdays_text(days)} {period_text(opens, closes)}"
        for (opens, closes), days in hours.items()
    )


def hours_text(span: timedelta) -> str:
    hours = number_text(span / timedelta(hours=1), decimals=2)
    return f"{hours} hour" if hours == "1" else f"{hours} hours"


def period_text(opens: time, closes: time) -> str:
    """Return 24 hours, 9:00 AM–5:00 PM, or 10:00 PM–6:00 AM the next day."""
    if opens == closes == time():
        return "24 hours"
    period = f"{time_text(opens)}–{time_text(closes)}"
    return f"{period} the next day" if needs_next_day(opens, closes) else period


def weekdays_text(days: list[int]) -> str:
    names = [CalendarWindow.Weekday(day).label[:3] for day in days]
    is_run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    return f"{names[0]}–{names[-1]}" if is_run else ", ".join(names)
