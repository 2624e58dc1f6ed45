"""Admin pages in tests, filled in the way a browser sends them back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.pages import Page


def url_of(row: Any) -> str:
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])


def urls_of_app(label: str) -> Iterator[str]:
    """Return each kind of page of each model of an app, about its latest row."""
    for model in apps.get_app_config(label).get_models():
        if model not in admin.site._registry:
            continue
        name = f"admin:{label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        if row := model._default_manager.order_by("pk").last():
            for kind in ("change", "delete", "history", "publish", "copy"):
                with suppress(NoReverseMatch):  # only versions are published and copied
                    yield reverse(f"{name}_{kind}", args=[row.pk])


def open_page(client: Client, row: Any) -> tuple[str, dict[str, Any]]:
    """Return the address of a row's page, and what its unchanged form sends."""
    page: Any = client.get(url_of(row))
    return url_of(row), filled_in(page)


def filled_in(page: Any) -> dict[str, Any]:
    forms = [page.context["adminform"].form]
    for rows in page.context["inline_admin_formsets"]:
        forms += _forms_of(rows)
    return {name: value for form in forms for field in form for name, value in _sent(field)}


def errors_of(answer: Any) -> str:
    """Return the errors that a form shows again with."""
    page = Page(answer)
    assert page.status == 200
    return "\n".join(page.texts(".errornote, .errorlist, .text-red-600"))


def _forms_of(rows: Any) -> list[Any]:
    forms = [rows.formset.management_form]
    for form in rows.formset.initial_forms:
        forms.append(form)
        for nested in getattr(form, "nested_formsets", []):
            forms += _forms_of(nested)
    return forms


def _sent(field: Any) -> list[tuple[str, Any]]:
    value = field.value()
    if value is None or value is False:
        return []
    if value is True:
        return [(field.html_name, "on")]
    if isinstance(value, list | tuple):
        return [(field.html_name, [str(getattr(choice, "pk", choice)) for choice in value])]
    return [(field.html_name, str(getattr(value, "pk", value)))]
