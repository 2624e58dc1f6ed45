"""Edit conditions as rows of field, operator and value, checked against the field catalog."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin_base import Admin, RowSet
from core.criteria.explain import condition_in_words
from core.criteria.fields import Catalog
from core.criteria.operators import OPERATORS
from core.criteria.tree import BadCriteria
from leads.condition_text import as_text, from_text
from leads.criteria import make_condition
from leads.live_catalog import live_catalog


def field_choices(catalog: Catalog) -> list[tuple[str, Any]]:
    """Return the catalog as grouped choices."""
    groups = groupby(catalog.values(), key=lambda field: field.group)
    return [("", "Choose a field")] + [
        (name, [(field.code, field.label) for field in fields]) for name, fields in groups
    ]


def catalog_for_editor(catalog: Catalog) -> dict[str, Any]:
    """Return the data with which static/js/admin-conditions.js offers operators and values."""
    fields = {
        field.code: {"type": field.type, "unit": field.unit, "choices": field.choices}
        for field in catalog.values()
    }
    operators = {
        operator.code: {
            "label": operator.label,
            "takes": operator.takes,
            "fits": sorted(operator.fits),
        }
        for operator in OPERATORS.values()
    }
    return {"fields": fields, "operators": operators}


def words_of(field: str, operator: str, value: Any, catalog: Catalog) -> str:
    """Return a condition in words, or why it is invalid."""
    try:
        return condition_in_words(make_condition(field, operator, value, catalog))
    except BadCriteria as problem:
        return str(problem)


class WithCatalog(Admin[Any]):
    """Send the field catalog to the script of a page with condition rows."""

    change_form_outer_after_template = "admin/criteria_catalog.html"

    class Media:
        js = [Script("js/admin-conditions.js", type="module")]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        catalog = {"criteria_catalog": catalog_for_editor(live_catalog())}
        context = {**(extra_context or {}), **catalog}
        return super().changeform_view(request, object_id, form_url, context)


class ConditionForm(forms.ModelForm[Any]):
    field = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    operator = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    value = forms.CharField(widget=UnfoldAdminTextInputWidget, required=False)

    def __init__(self, *args: Any, catalog: Catalog, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalog = catalog
        field, operator = self.fields["field"], self.fields["operator"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(operator, forms.ChoiceField)
        field.choices = field_choices(catalog)
        operator.choices = [(row.code, row.label) for row in OPERATORS.values()]
        self.initial["value"] = as_text(self.instance.value)
        if "position" in self.fields:  # a new row gets its position when it is saved
            self.fields["position"].required = False

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        code, operator_code = data.get("field"), data.get("operator")
        if not code or not operator_code:
            return data
        field, operator = self.catalog[code], OPERATORS[operator_code]
        value = from_text(field, operator, data.get("value") or "")
        try:
            make_condition(code, operator_code, value, self.catalog)
        except BadCriteria as problem:
            self.add_error("value", str(problem))
        data["value"] = value
        return data


class ConditionRows(RowSet):  # type: ignore[type-arg]  # the theme's is not generic
    """Read the catalog once for all rows, and append new rows."""

    @cached_property
    def catalog(self) -> Catalog:
        return live_catalog()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "catalog": self.catalog}

    def save_new(self, form: Any, commit: bool = True) -> Any:
        last = max((row.instance.position for row in self.initial_forms), default=-1)
        form.instance.position = last + 1 + self.extra_forms.index(form)
        return super().save_new(form, commit)
