"""The form on a returned lead: one field for each missing value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils.text import Truncator

from core.criteria.fields import FieldType
from handoff.models import RoutingDecision
from leads.configuration import configuration
from leads.field_catalog import CATALOG
from leads.models import Lead, Source
from leads.normalization import values
from leads.normalization.identity import Phone, email, phone, website
from leads.normalization.values import BadValue
from leads.required_context import known_text, label_of
from leads.stages import Stage

LIMITS: Final = {
    "contact.title": 200,
    "company.name": 200,
    "company.industry": 100,
    "lead.product_interest": 100,
    "lead.landing_page": 500,
}


def why_kept(lead_id: int) -> str:
    """Say why a completed lead is still with marketing."""
    if Lead.objects.filter(pk=lead_id, contact__suppressed_at__isnull=False).exists():
        return "Saved. The contact is suppressed, so sales does not get the lead."
    if not Lead.objects.filter(pk=lead_id, stage=Stage.NURTURE).exists():
        return "Saved. The score is still below the MQL threshold. See the criteria not met."
    decision = RoutingDecision.objects.filter(lead=lead_id).latest("decided_at", "pk")
    return f"Saved, but not sent to sales. {decision.because}"


class CompletionForm(forms.Form):
    def __init__(self, data: Mapping[str, Any] | None, *, lead: Lead, codes: Iterable[str]) -> None:
        super().__init__(data)
        self.lead = lead
        self.codes = {name_of(code): code for code in codes}
        if any(code.startswith("company.") for code in self.codes.values()) and not lead.company:
            self.codes = {name_of("company.name"): "company.name"} | self.codes
        for name, code in self.codes.items():
            self.fields[name] = field_of(code, known=known_text(lead, code))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, code in self.codes.items():
            value = cleaned.get(name)
            if value in (None, "") or code not in READERS:
                continue
            try:
                cleaned[name] = READERS[code](value, self)
            except BadValue as bad:
                self.add_error(name, str(bad))
        if not self.errors and all(cleaned.get(name) in (None, "") for name in self.codes):
            raise forms.ValidationError("Fill in at least one field.")
        return cleaned

    @property
    def entered(self) -> dict[str, Any]:
        """Return the values that were filled in, by field code."""
        filled = {
            code: self.cleaned_data[name]
            for name, code in self.codes.items()
            if self.cleaned_data.get(name) not in (None, "")
        }
        if address := filled.get("contact.has_email"):
            host = str(address).rpartition("@")[2]
            domain = configuration.now().mail_hosts.corporate_domain(host)
            filled["contact.has_corporate_email"] = bool(domain)
        return filled


def name_of(code: str) -> str:
    return code.replace(".", "-")


def field_of(code: str, *, known: str) -> forms.Field:
    field, label = CATALOG[code], label_of(code)
    rest: dict[str, Any] = {"label": label, "required": False}
    if known:
        rest["help_text"] = f"Currently “{Truncator(known).chars(80)}”. Leave empty to keep it."
    if code == "lead.source":
        return forms.ModelChoiceField(Source.objects.filter(is_active=True), **rest)
    if code == "lead.has_stated_problem":
        return forms.CharField(max_length=5000, widget=forms.Textarea, **rest)
    if field.type is FieldType.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *field.choices], **rest)
    if field.type is FieldType.NUMBER:
        return forms.IntegerField(min_value=0, max_value=values.MAX_INTEGER, **rest)
    return forms.CharField(max_length=LIMITS.get(code, 254), **rest)


Clean = Callable[[Any, CompletionForm], Any]


def read_phone(value: Any, form: CompletionForm) -> Phone:
    country = form.lead.contact.country or (form.lead.company.country if form.lead.company else "")
    return phone(value, country)


def read_website(value: Any, _form: CompletionForm) -> str:
    return configuration.now().mail_hosts.website_domain(website(value))


READERS: Final[Mapping[str, Clean]] = {
    "contact.has_email": lambda value, _form: email(value),
    "contact.has_phone": read_phone,
    "company.domain": read_website,
    "lead.source": lambda value, _form: value.pk,
}
