"""What managers type on the team desk."""

from __future__ import annotations

from django import forms

LOCAL: dict[str, str] = {"type": "datetime-local"}


class AbsenceForm(forms.Form):
    member = forms.IntegerField()
    starts_at = forms.DateTimeField(label="From", widget=forms.DateTimeInput(attrs=LOCAL))
    ends_at = forms.DateTimeField(label="To", widget=forms.DateTimeInput(attrs=LOCAL))
    note = forms.CharField(max_length=200, required=False)


class ReassignForm(forms.Form):
    to = forms.IntegerField(error_messages={"required": "Choose who gets them."})
    although_had_it = forms.BooleanField(required=False)
