"""Base classes of the admin: the theme's with types, and forms guarded against lost updates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache, cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.lookups import Contains
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import checkbox
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from core.audit import audit_entries
from core.folding import Folded, fold

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=models.Model)

CHANGED_MEANWHILE: Final = (
    "Another user changed this after you opened it, so nothing was saved. "
    "Reload the page to see their change, then make yours again."
)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as BaseAdmin
    from django.contrib.admin import TabularInline
    from django.forms import BaseInlineFormSet as RowSet

    def action(**options: Any) -> Callable[[F], F]: ...
    def display(**options: Any) -> Callable[[F], F]: ...
else:
    from unfold.admin import ModelAdmin as BaseAdmin
    from unfold.admin import TabularInline
    from unfold.decorators import action, display
    from unfold.forms import PaginationInlineFormSet as RowSet

__all__ = [
    "Admin",
    "CodeListField",
    "FirstRows",
    "GuardedForm",
    "OrderedAdmin",
    "ProductPage",
    "RowSet",
    "Rows",
    "action",
    "confirm_page",
    "display",
]


class KnownChoiceSelect(AutocompleteSelect):
    """Show what was sent only if it can be an id, as the base class reads it from the database."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> Any:
        return super().optgroups(name, [key for key in value if key.isdecimal()], attr)


class _WithKnownChoices:
    """Give the autocomplete fields of an admin class a select that survives any input."""

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        admin: Any = self
        if db_field.name in admin.get_autocomplete_fields(request):
            using = kwargs.get("using")
            kwargs.setdefault("widget", KnownChoiceSelect(db_field, admin.admin_site, using=using))
        parent: Any = super()
        return parent.formfield_for_foreignkey(db_field, request, **kwargs)


class Rows(_WithKnownChoices, TabularInline[Any, Any]):
    """Rows of another model inside a form."""


class Admin(_WithKnownChoices, BaseAdmin[M]):
    list_per_page = 20
    empty_text = ""  # what an empty list says, in one sentence

    @display(description=getattr(BaseAdmin.action_checkbox, "short_description", ""))
    def action_checkbox(self, obj: models.Model) -> SafeString:
        return format_html(row_checkbox(), obj.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show all changes that the database recorded, not only those made in the admin."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        context = {"entries": audit_entries(row), **(extra_context or {})}
        return super().history_view(request, object_id, context)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Find rows of a small table that have each word in any of the search fields.

        Accents and case do not matter.
        """
        folded = [Folded(name) for name in self.get_search_fields(request)]
        for word in fold(search_term).split() if folded else []:
            queryset = queryset.filter(reduce(or_, (Q(Contains(text, word)) for text in folded)))
        return queryset, False

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Refuse a selection of rows that cannot exist, on which Django would fail."""
        try:
            for value in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(value)
        except ValidationError:
            messages.error(request, "Select rows of this list.")
            return redirect(request.get_full_path())
        return super().response_action(request, queryset, *args, **kwargs)


class FirstRows(Paginator[Any]):
    """Pages of the first rows of a table that grows: to count its rows would read all of it."""

    most = 1_000

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or one more than `most` if there are more."""
        rows: Any = self.object_list
        return int(rows.order_by()[: self.most + 1].count())


@cache
def row_checkbox() -> str:
    """Return the theme's checkbox of a row with "{}" for its value: rendering it anew is slow."""
    return str(checkbox.render(ACTION_CHECKBOX_NAME, "{}"))


class OrderedAdmin(Admin[M]):
    """A list that is sorted by dragging, guarded against two editors."""

    ordering_field = "position"
    hide_ordering_field = True
    ordering = ["position", "pk"]
    list_before_template = "admin/seen_order.html"
    list_per_page = 100  # a row is dragged to any place only among all of them

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = self.model._default_manager.order_by("pk")
        if request.method == "POST":
            rows = rows.select_for_update(no_key=True)
        order = digest(list(rows.values("pk", self.ordering_field)))
        if request.method == "POST" and request.POST.get("seen_order") != order:
            messages.error(request, CHANGED_MEANWHILE)
            return redirect(request.get_full_path())
        return super().changelist_view(request, {**(extra_context or {}), "seen_order": order})


class GuardedForm(forms.ModelForm[Any]):
    """Refuse to save over a change that was made after the page was opened.

    `rows_of` returns the rows that are edited on the same page.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "seen" in self.fields:
            self.fields["seen"].initial = self.fingerprint(self.instance)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if self.instance._state.adding:
            return data
        # The second of two editors waits here, then compares with what the first one saved.
        rows = type(self.instance)._default_manager.select_for_update(no_key=True)
        current = rows.get(pk=self.instance.pk)
        if self.cleaned_data.get("seen") != self.fingerprint(current):
            raise ValidationError(CHANGED_MEANWHILE, code="changed_meanwhile")
        return data

    def rows_of(self, instance: Any) -> Sequence[models.QuerySet[Any, Any]]:
        return ()

    def fingerprint(self, instance: models.Model) -> str:
        own = type(instance)._default_manager.filter(pk=instance.pk)
        return digest([list(row.order_by("pk")) for row in (own.values(), *self.rows_of(instance))])


def digest(content: Any) -> str:
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class CodeListField(forms.MultipleChoiceField):
    """Choose several codes, stored in an array of text."""

    widget = UnfoldAdminSelect2MultipleWidget


class ProductPage(HttpResponse):
    """A page of the admin that looks like the rest of the product, under its strict policy."""

    def __init__(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any):
        super().__init__(render_to_string(template, context, request), status=status)


def confirm_page(
    page: Admin[Any], request: HttpRequest, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Ask for confirmation before a step that a GET request must not take."""
    context |= {**page.admin_site.each_context(request), "opts": page.opts}
    return render(request, "admin/confirm.html", context, status=status)
