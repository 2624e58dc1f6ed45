from __future__ import annotations

from django.db import models

from core.formatting import date_time_text, time_text
from core.history import tracked
from people.models.accounts import check_time_zone


@tracked(exclude=("current_edition",))
class WorkCalendar(models.Model):
    name = models.CharField(max_length=100, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    country = models.CharField(
        max_length=2,
        blank=True,
        help_text="Two-letter code. Public holidays of this country are closed.",
    )
    region = models.CharField(
        max_length=10,
        blank=True,
        help_text="State or region code, such as BY, for its own holidays.",
    )
    current_edition = models.ForeignKey(
        "people.CalendarEdition", on_delete=models.PROTECT, null=True, editable=False
    )

    def __str__(self) -> str:
        return self.name


@tracked()
class CalendarWindow(models.Model):
    """Weekly opening hours; `closes` not after `opens` is on the next day (0:00–0:00: all day)."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="windows")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "weekday", "opens"], name="one_window_per_opening"
            )
        ]

    def __str__(self) -> str:
        weekday = self.get_weekday_display()
        return f"{weekday} {time_text(self.opens)} to {time_text(self.closes)}"


@tracked()
class ClosedDay(models.Model):
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="closed_days")
    day = models.DateField()
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="one_closed_day_per_date")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarEdition(models.Model):
    """An immutable copy of a calendar, which explains the deadlines computed with it."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="editions")
    digest = models.CharField(max_length=64)
    value = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "digest"], name="one_edition_per_content")
        ]

    def __str__(self) -> str:
        return f"{self.calendar} as of {date_time_text(self.created_at)}"
