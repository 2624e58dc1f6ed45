"""The admin's building blocks: the theme's classes as typed ones, and a guard for two editors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as Admin
    from django.contrib.admin import TabularInline as Rows
    from django.forms import BaseInlineFormSet as RowSet

    def action(**options: Any) -> Callable[[F], F]: ...
    def display(**options: Any) -> Callable[[F], F]: ...
else:
    from unfold.admin import ModelAdmin as Admin
    from unfold.admin import TabularInline as Rows
    from unfold.decorators import action, display
    from unfold.forms import PaginationInlineFormSet as RowSet

__all__ = [
    "Admin",
    "CodeListField",
    "GuardedForm",
    "RowSet",
    "Rows",
    "action",
    "confirm_page",
    "display",
]


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
        current = type(self.instance)._default_manager.select_for_update().get(pk=self.instance.pk)
        if self.cleaned_data.get("seen") != self.fingerprint(current):
            raise ValidationError(
                "Somebody else changed this since you opened it, so nothing was saved. "
                "Open the page again to see their change, then make yours.",
                code="changed_meanwhile",
            )
        return data

    def rows_of(self, instance: Any) -> Sequence[models.QuerySet[Any, Any]]:
        return ()

    def fingerprint(self, instance: models.Model) -> str:
        own = type(instance)._default_manager.filter(pk=instance.pk)
        rows = [list(each.order_by("pk")) for each in (own.values(), *self.rows_of(instance))]
        content = json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


class CodeListField(forms.MultipleChoiceField):
    """Several codes out of a list, for an array of text."""

    widget = UnfoldAdminSelect2MultipleWidget


def confirm_page(
    page: Admin[Any], request: HttpRequest, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Ask before a step that a link alone must never take; see templates/admin/confirm.html."""
    context |= {**page.admin_site.each_context(request), "opts": page.opts}
    return render(request, "admin/confirm.html", context, status=status)
