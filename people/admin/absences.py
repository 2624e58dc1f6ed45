from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from core.admin_base import Admin
from core.local_time import LocalSplitDateTimeField
from core.permissions import Right
from people.choices import WORKS_IN_TEAM, OffersPeople, offer_people
from people.covers import BadCover, refuse_cover
from people.models import Absence

offer_people(Absence, user=WORKS_IN_TEAM, cover=(Right.ANSWER_HANDOFFS,))


class AbsenceForm(forms.ModelForm[Absence]):
    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        needed: list[Any] = [values.get(name) for name in ("user", "cover", "starts_at", "ends_at")]
        if all(needed):
            try:
                refuse_cover(*needed)
            except BadCover as refusal:
                self.add_error(refusal.field, str(refusal))
        return values


@admin.register(Absence)
class AbsenceAdmin(OffersPeople, Admin[Absence]):
    empty_text = "Time off keeps a rep from being assigned new leads."
    form = AbsenceForm
    formfield_overrides = {
        models.DateTimeField: {
            "form_class": LocalSplitDateTimeField,
            "widget": UnfoldAdminSplitDateTimeWidget,
            "help_text": "In your own time zone.",
        }
    }
    list_display = ["user", "starts_at", "ends_at", "cover", "note"]
    list_select_related = ["user", "cover"]
    list_filter = ["user__teams"]
    autocomplete_fields = ["user", "cover"]
    ordering = ["-starts_at", "pk"]
    fields = ["user", "starts_at", "ends_at", "cover", "reassigns_leads", "note"]
