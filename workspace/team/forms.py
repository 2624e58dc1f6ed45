"""Forms of the team page."""

from __future__ import annotations

from django import forms

DATETIME_INPUT: dict[str, str] = {"type": "datetime-local"}


class AbsenceForm(forms.Form):
    member = forms.IntegerField()
    starts_at = forms.DateTimeField(label="From", widget=forms.DateTimeInput(attrs=DATETIME_INPUT))
    ends_at = forms.DateTimeField(label="To", widget=forms.DateTimeInput(attrs=DATETIME_INPUT))
    note = forms.CharField(max_length=200, required=False)
    reassigns_leads = forms.BooleanField(required=False)


class ReassignForm(forms.Form):
    to = forms.IntegerField(error_messages={"required": "Choose a team member."})
    include_previous_owners = forms.BooleanField(required=False)
