"""Correct contacts and companies, and set account owners, target accounts and customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from core.admin_base import Admin, FirstRows, GuardedForm, Rows
from core.audit import AuditEntry
from core.folding import Folded
from core.permissions import Right
from core.unit_of_work import UnitOfWork
from leads.configuration import configuration
from leads.corrections import correct, correcting_external_ids, pass_on
from leads.models import Company, Contact, ExternalId, Lead
from leads.normalization import values
from leads.normalization.identity import email, phone, website
from leads.normalization.values import BadValue, ValueReader
from leads.search import Term, with_ids
from people.choices import OffersPeople, offer_people
from people.requests import signed_in

offer_people(Company, owner=(Right.ANSWER_HANDOFFS,))


class CorrectionForm(GuardedForm):
    """Read values as intake does."""

    def read(self, name: str, reader: ValueReader) -> Any:
        value = self.cleaned_data.get(name)
        if value in (None, ""):
            return value
        try:
            return reader(value)
        except BadValue as bad:
            raise forms.ValidationError(str(bad)) from None

    def clean_country(self) -> Any:
        return self.read("country", values.country)


class ContactForm(CorrectionForm):
    def clean_email(self) -> Any:
        return self.read("email", email)

    def clean_phone(self) -> Any:
        return self.read("phone", lambda value: phone(value, self.instance.country).number)


class CompanyForm(CorrectionForm):
    def clean_domain(self) -> Any:
        return self.read("domain", website)


class ByIndex(ChangeList):
    """Order names as their index does. Columns without an index are not sorted."""

    def get_ordering_field(self, field_name: Any) -> Any:
        return Folded("name") if field_name == "name" else super().get_ordering_field(field_name)


class CorrectionAdmin(Admin[Any]):
    """Save what changed as a correction, which outlives later statements."""

    paginator = FirstRows
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ByIndex

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows of a large table as the search of the product does, by its indexes."""
        term = Term.of(search_term)
        return with_ids(queryset, *self.ids(term)) if term.words else queryset, False

    def ids(self, term: Term) -> tuple[str, dict[str, Any]]:
        """Return SQL and parameters of the ids that match."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = type(obj)._default_manager.get(pk=obj.pk)
        columns = [
            type(obj)._meta.get_field(name).attname for name in form.changed_data if name != "seen"
        ]
        work = UnitOfWork()
        correct(
            work,
            stored,
            {**{column: getattr(obj, column) for column in columns}, **self.derived(obj, columns)},
            by_id=signed_in(request).pk,
            at=timezone.now(),
        )
        self.follow(work, obj, columns)
        work.write()

    def derived(self, obj: Any, columns: list[str]) -> dict[str, Any]:
        return {}

    def follow(self, work: UnitOfWork, obj: Any, columns: list[str]) -> None:
        """Change what depends on the corrected columns."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        context = {"entries": entries_of(row), **(extra_context or {})}
        return super(Admin, self).history_view(request, object_id, context)


def entries_of(row: Contact | Company) -> list[AuditEntry]:
    return [
        AuditEntry(
            at=correction.at,
            by=str(correction.by or "the system"),
            summary=f"{row._meta.verbose_name} changed",
            details=[
                f"{label_of(row, column)}: {before or '–'} → {after or '–'}"
                for column, (before, after) in correction.changes.items()
            ],
        )
        for correction in row.corrections.select_related("by").order_by("-pk")
    ]


def label_of(row: Contact | Company, column: str) -> str:
    labels = {field.attname: field.verbose_name for field in row._meta.concrete_fields}
    labels["external_ids"] = "external IDs"
    return str(labels.get(column, column))


@admin.register(Company)
class CompanyAdmin(OffersPeople, CorrectionAdmin):
    empty_text = "Companies appear here with the first lead of one of their people."
    form = CompanyForm
    list_display = ["name", "domain", "owner", "is_target_account", "is_customer"]
    list_select_related = ["owner"]
    list_filter = ["is_target_account", "is_customer"]
    sortable_by = ["name", "domain"]
    search_fields = ["name", "domain"]
    ordering = ["-pk"]
    autocomplete_fields = ["owner"]
    fieldsets = [
        (None, {"fields": ["seen", "name", "domain"]}),
        ("Account", {"fields": ["owner", ("is_target_account", "is_customer")]}),
        (
            "Size and place",
            {"fields": ["industry", "employees", "revenue_band", "country", "region"]},
        ),
    ]

    def ids(self, term: Term) -> tuple[str, dict[str, Any]]:
        return term.companies(limit=FirstRows.most + 1)


class ExternalIdRows(Rows):
    model = ExternalId
    fields = ["system", "value", "is_conflict"]
    readonly_fields = ["is_conflict"]
    ordering = ["system", "value"]
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Contact)
class ContactAdmin(CorrectionAdmin):
    empty_text = "Contacts appear here with their first lead, from the API, an import or a form."
    form = ContactForm
    list_display = ["name", "email", "phone", "company"]
    list_select_related = ["company"]
    sortable_by = ["name", "email", "company"]
    search_fields = ["name", "email"]
    ordering = ["-pk"]
    autocomplete_fields = ["company"]
    fieldsets = [
        (None, {"fields": ["seen", "name", "company"]}),
        ("Position", {"fields": ["title", "seniority", "persona"]}),
        ("Ways to reach", {"fields": ["email", ("phone", "phone_extension"), "country"]}),
        ("Consent", {"fields": ["consent"]}),
    ]
    inlines = [ExternalIdRows]

    def ids(self, term: Term) -> tuple[str, dict[str, Any]]:
        return term.contacts(limit=FirstRows.most + 1)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Correct the ids; one that is removed goes to the next contact that claimed it."""
        by_id, at = signed_in(request).pk, timezone.now()
        with correcting_external_ids(form.instance, by_id=by_id, at=at):
            super().save_formset(request, form, formset, change)
        pass_on(formset.deleted_objects, by_id=by_id, at=at)

    def derived(self, obj: Contact, columns: list[str]) -> dict[str, Any]:
        if "email" not in columns:
            return {}
        if not obj.email:
            return {"email_is_corporate": None}
        host = obj.email.rpartition("@")[2]
        return {"email_is_corporate": bool(configuration.now().mail_hosts.corporate_domain(host))}

    def follow(self, work: UnitOfWork, obj: Contact, columns: list[str]) -> None:
        if "company_id" in columns:
            for lead in Lead.objects.open().filter(contact=obj):
                work.set(lead, company_id=obj.company_id)
