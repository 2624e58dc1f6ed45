"""What people type on the lead page: shape only; what it means is decided behind the doors."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from handoff.models import Attempt
from leads.models import ContextCard
from leads.stages import Stage


class AttemptForm(forms.Form):
    channel = forms.ChoiceField(choices=Attempt.Channel.choices)
    outcome = forms.ChoiceField(choices=Attempt.Outcome.choices)
    occurred_at = forms.DateTimeField(
        label="When",
        error_messages={"invalid": "Give a date and a time, such as 2026-11-02 14:30."},
    )
    note = forms.CharField(max_length=500, required=False)
    link = forms.URLField(max_length=500, required=False, assume_scheme="https")


class AdvanceForm(forms.Form):
    to = forms.ChoiceField(choices=[(stage.value, stage.label) for stage in Stage])
    amount = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        error_messages={"invalid": "Give the amount as a number, such as 12500.50."},
    )
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$",
        required=False,
        error_messages={"invalid": "Give the currency as three letters, such as EUR."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("amount") is not None and not cleaned.get("currency"):
            self.add_error("currency", "Say which currency the amount is in, such as EUR.")
        return cleaned

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class CardForm(forms.ModelForm[ContextCard]):
    class Meta:
        model = ContextCard
        fields = ["why", "content_engaged", "problem_indicated", "messaging_received"]
        labels = {
            "why": "Why sales should care",
            "content_engaged": "What they engaged with",
            "problem_indicated": "The problem that shows",
            "messaging_received": "What we have told them",
        }
        help_texts = {
            "why": "One sentence: “Third visit to the pricing page since the webinar.”",
            "content_engaged": "One thing a line, newest first.",
            "problem_indicated": "In their words where we have them.",
            "messaging_received": "So that the rep goes on from there.",
        }


def first_errors(form: forms.BaseForm) -> str:
    """What is wrong, in one line for the panel it was typed in."""
    return " ".join(str(messages[0]) for messages in form.errors.values())
