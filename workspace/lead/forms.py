"""Forms of the lead page. They check shape only; handoff.answers decides the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.renderers import Jinja2

from core.local_time import LocalDateTimeField
from handoff import notes
from handoff.models import Attempt
from leads.models import ContextCard
from leads.stages import AFTER_REVERSAL, Stage


class AttemptForm(forms.Form):
    channel = forms.ChoiceField(choices=Attempt.Channel.choices)
    outcome = forms.ChoiceField(choices=Attempt.Outcome.choices)
    occurred_at = LocalDateTimeField(
        label="When",
        error_messages={"invalid": "Enter a date and time, such as 2026-11-02 14:30."},
    )
    note = forms.CharField(max_length=500, required=False)
    link = forms.URLField(max_length=500, required=False, assume_scheme="https")


class AdvanceForm(forms.Form):
    to = forms.ChoiceField(choices=[(stage.value, stage.label) for stage in Stage])
    reason = forms.CharField(max_length=40, required=False)
    amount = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        error_messages={"invalid": "Enter a number, such as 12500.50."},
    )
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$",
        required=False,
        error_messages={"invalid": "Enter a three-letter currency code, such as USD."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("amount") is not None and not cleaned.get("currency"):
            self.add_error("currency", "Enter the currency of the amount, such as USD.")
        return cleaned

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class ReversalForm(forms.Form):
    to = forms.ChoiceField(choices=[(stage.value, stage.label) for stage in AFTER_REVERSAL])
    reason = forms.CharField(max_length=40, required=False)


class NoteForm(forms.Form):
    default_renderer = Jinja2()
    text = forms.CharField(
        label="Note",
        max_length=notes.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "data-mentions": "note-people"}),
        error_messages={"required": "Enter a note."},
        help_text="Type @ and a name to notify someone who may see this lead.",
    )


class CardForm(forms.ModelForm[ContextCard]):
    class Meta:
        model = ContextCard
        fields = ["why", "content_engaged", "problem_indicated", "messaging_received"]
        labels = {
            "why": "Why sales should care",
            "content_engaged": "Content engaged",
            "problem_indicated": "Problem indicated",
            "messaging_received": "Messaging received",
        }
        help_texts = {
            "why": "One sentence, such as “Third visit to the pricing page since the webinar.”",
            "content_engaged": "One item per line, newest first.",
            "problem_indicated": "In the contact's own words where possible.",
            "messaging_received": "So that the rep can pick up from there.",
        }


def first_errors(form: forms.BaseForm) -> str:
    """Join the first error of each field into one line."""
    return " ".join(str(messages[0]) for messages in form.errors.values())
