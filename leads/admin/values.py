"""Edit how job titles and mail domains are read, and try both."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from core.admin_base import Admin, GuardedForm, display
from leads.configuration import configuration
from leads.enums import Seniority
from leads.models import MailDomain, TitlePhrases
from leads.normalization.identity import registered_domain

MAX_TRIED = 200


class TryOut(Admin[Any]):
    """A list with a field above it that shows how the present rows read a value."""

    list_before_template = "admin/try_value.html"
    try_label = ""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # The list takes every other parameter for a filter.
        parameters: Any = request.GET.copy()
        value = " ".join(parameters.pop("try", []))[:MAX_TRIED].strip()
        request.GET = parameters
        tried = {"label": self.try_label, "value": value}
        if value:
            tried["result"] = self.result_of(value)
        return super().changelist_view(request, {**(extra_context or {}), "tried": tried})

    def result_of(self, value: str) -> str:
        raise NotImplementedError


@admin.register(TitlePhrases)
class TitlePhrasesAdmin(TryOut):
    form = GuardedForm
    list_display = ["__str__", "phrases"]
    ordering = ["pk"]
    fields = ["seen", "seniority", "phrases"]
    try_label = "Try a job title"

    def result_of(self, value: str) -> str:
        reading = configuration.now().titles.read(value)
        if not reading.seniority:
            return "No seniority"
        return f"{Seniority(reading.seniority).label}, because of “{reading.phrase}”"


class MailDomainForm(GuardedForm):
    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"].strip().lower().rstrip(".")
        if not registered_domain(domain):
            raise forms.ValidationError("Enter a domain such as mail.example.")
        return domain


@admin.register(MailDomain)
class MailDomainAdmin(TryOut):
    form = MailDomainForm
    list_display = ["domain", "belongs_to"]
    list_filter = ["is_corporate"]
    search_fields = ["domain"]
    ordering = ["domain"]
    fields = ["seen", "domain", "is_corporate"]
    try_label = "Try an email address or a domain"

    @display(description="belongs to")
    def belongs_to(self, row: MailDomain) -> str:
        return "A company" if row.is_corporate else "A free-mail or disposable provider"

    def result_of(self, value: str) -> str:
        host = value.rpartition("@")[2].lower()
        domain = configuration.now().mail_hosts.corporate_domain(host)
        return f"The company {domain}" if domain else "No company"
