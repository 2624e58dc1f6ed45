"""The admin's building blocks: the theme's classes as typed ones, and a guard for two editors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from core.audit import changes_of

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=models.Model)

CHANGED_MEANWHILE: Final = (
    "Somebody else changed this since you opened it, so nothing was saved. "
    "Open the page again to see their change, then make yours."
)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as BaseAdmin
    from django.contrib.admin import TabularInline as Rows
    from django.forms import BaseInlineFormSet as RowSet

    def action(**options: Any) -> Callable[[F], F]: ...
    def display(**options: Any) -> Callable[[F], F]: ...
else:
    from unfold.admin import ModelAdmin as BaseAdmin
    from unfold.admin import TabularInline as Rows
    from unfold.decorators import action, display
    from unfold.forms import PaginationInlineFormSet as RowSet

__all__ = [
    "Admin",
    "CodeListField",
    "GuardedForm",
    "OrderedAdmin",
    "RowSet",
    "Rows",
    "action",
    "confirm_page",
    "display",
]


class Admin(BaseAdmin[M]):
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every change the database kept, by whatever way it came, not only those made here."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        context = {"changes": changes_of(row), **(extra_context or {})}
        return super().history_view(request, object_id, context)


class OrderedAdmin(Admin[M]):
    """A list in drag order; who saves second is told, and overwrites nothing."""

    ordering_field = "position"
    hide_ordering_field = True
    ordering = ["position", "pk"]
    list_before_template = "admin/seen_order.html"

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
    """Refuses to save over what somebody else changed since the page was opened.

    `rows_of` are the rows that are edited on the same page.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "seen" in self.fields:
            self.fields["seen"].initial = self.fingerprint(self.instance)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if self.instance.pk is None:
            return data
        # Whoever saves second waits here and then sees what the first one wrote.
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
    """Several codes out of a list, for an array of text."""

    widget = UnfoldAdminSelect2MultipleWidget


def confirm_page(
    page: Admin[Any], request: HttpRequest, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Ask before a step that a link alone must never take; see templates/admin/confirm.html."""
    context |= {**page.admin_site.each_context(request), "opts": page.opts}
    return render(request, "admin/confirm.html", context, status=status)
