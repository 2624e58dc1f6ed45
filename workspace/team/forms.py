"""Forms of the team page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.renderers import Jinja2

from people.absences import time_off
from people.models import User


class DayInput(forms.DateInput):
    input_type = "date"


class TimeInput(forms.TimeInput):
    input_type = "time"


class CoverField(forms.ModelChoiceField[User]):
    """A person, or no one; a page lists those among whom to choose."""

    def __init__(self) -> None:
        super().__init__(
            User.objects.all(),
            required=False,
            help_text="Hears new requests on their leads, and may answer them in that time.",
            error_messages={"invalid_choice": "Choose a teammate as the cover."},
        )

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        self.choices = [("", "No one"), *people]


class AbsenceForm(forms.Form):
    default_renderer = Jinja2()
    """Time off by days, in the time zone of the member; with times, parts of the two days."""

    member = forms.IntegerField()
    first_day = forms.DateField(label="First day", widget=DayInput)
    last_day = forms.DateField(label="Last day", widget=DayInput)
    starts = forms.TimeField(label="Starts at", widget=TimeInput, required=False)
    ends = forms.TimeField(label="Ends at", widget=TimeInput, required=False)
    cover = CoverField()
    note = forms.CharField(max_length=200, required=False)
    reassigns_leads = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day must not be before the first day.")
        return values

    def times_in(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        names = ("first_day", "last_day", "starts", "ends")
        return time_off(zone, **{name: self.cleaned_data[name] for name in names})


class ChangeAbsenceForm(forms.Form):
    first_day = forms.DateField(error_messages={"required": "Choose the first day."})
    last_day = forms.DateField(error_messages={"required": "Choose the last day."})
    cover = CoverField()
    note = forms.CharField(max_length=200, required=False)
    reassigns_leads = forms.BooleanField(required=False)


class CoverForm(forms.Form):
    cover = CoverField()


class ReassignForm(forms.Form):
    to = forms.IntegerField(error_messages={"required": "Choose a team member."})
    include_previous_owners = forms.BooleanField(required=False)
