"""The brief of a campaign, which reps read before the first contact."""

from __future__ import annotations

from typing import Any

from django import forms

from core.admin_base import GuardedForm
from leads.models import Campaign


class BriefForm(GuardedForm):
    class Meta:
        model = Campaign
        fields = [
            *("seen", "theme", "offer", "landing_page", "problem", "messaging"),
            *("talking_points", "starts_on", "ends_on"),
        ]
        labels = {
            "problem": "Problem addressed",
            "messaging": "Messaging",
            "starts_on": "First day",
            "ends_on": "Last day",
        }
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        starts, ends = (self.cleaned_data.get(name) for name in ("starts_on", "ends_on"))
        if starts and ends and ends < starts:
            self.add_error("ends_on", "The last day is before the first day.")
        return data
