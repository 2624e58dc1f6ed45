"""Values that were set aside: which wait, on which leads, and their repair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import Refused
from core.formatting import counted
from core.pagination import numbered_page
from core.sorting import sort_head
from intake.created_codes import keep_code, unchecked_codes
from intake.models import CreatedCode
from intake.normalize import CODES, READERS
from intake.repairs import (
    OF_ONE_CONTACT,
    REPAIRABLE,
    RepairResult,
    dismiss_values,
    repair_values,
)
from leads.configuration import configuration
from leads.contact_names import name_contacts
from leads.data_quality import (
    GROUP_ORDERS,
    ValueGroup,
    field_label,
    touches_to_repair,
    value_groups,
)
from leads.models import Touch
from leads.normalization.values import ChoiceReader
from people.access import form_of, right_required
from people.requests import signed_in
from workspace.lead.forms import first_errors
from workspace.repair_links import MAY_REPAIR, address_of

GROUPS_PER_PAGE: Final = 20
TOUCHES_SHOWN: Final = 50
MAX_PAGE: Final = 10_000
MAX_REFUSALS: Final = 3
MAX_CREATED: Final = 500
CREATED_PER_PAGE: Final = 10
DEFAULT_SORT: Final = "-touches"
HEADS: Final = {
    "value": ("Value", False),
    "field": ("Field", False),
    "touches": ("Touches", True),
    "latest": ("Latest", True),
}


class ListForm(forms.Form):
    page = forms.IntegerField(min_value=1, max_value=MAX_PAGE, required=False)
    sort = forms.ChoiceField(
        choices=[(f"{sign}{name}", name) for name in GROUP_ORDERS for sign in ("", "-")],
        required=False,
    )


class WhichForm(forms.Form):
    field = forms.CharField(max_length=100)
    value = forms.CharField(max_length=1000, required=False, strip=False)
    touch = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class RepairForm(forms.Form):
    entered = forms.CharField(
        max_length=5000, error_messages={"required": "Enter the right value."}
    )


class DismissForm(forms.Form):
    note = forms.CharField(
        max_length=300, error_messages={"required": "Enter why the value is not needed."}
    )


class Neighbors(NamedTuple):
    """Numbers of the pages before and after this one."""

    before: int | None
    after: int | None


class CreatedRow(NamedTuple):
    """A source or campaign of an import; `href` is where it is renamed or deactivated."""

    row: CreatedCode
    kind: str
    href: str


@dataclass(frozen=True)
class GroupRow:
    group: ValueGroup
    href: str

    @property
    def label(self) -> str:
        return field_label(self.group.field)


@right_required(*MAY_REPAIR)
@require_GET
def data_quality(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET)
    sent = form.cleaned_data if form.is_valid() else {}
    page, sort = sent.get("page") or 1, sent.get("sort") or DEFAULT_SORT
    groups, has_more = value_groups(size=GROUPS_PER_PAGE, page=page, order=sort)
    unchecked = list(unchecked_codes()[:MAX_CREATED])
    created = numbered_page(unchecked, request.GET.get("created", ""), size=CREATED_PER_PAGE)
    context = {
        "created": [created_row(row) for row in created.rows],
        "created_page": created,
        "rows": [GroupRow(group, address_of(group.field, group.value)) for group in groups],
        "page": Neighbors(page - 1 or None, page + 1 if has_more else None),
        "page_parameter": "page" if sort == DEFAULT_SORT else f"sort={sort}&page",
        "heads": {
            name: sort_head(label, name, sort, sort_href, descending_first=descending)
            for name, (label, descending) in HEADS.items()
        },
    }
    return render(request, "workspace/data_quality.html", context)


def sort_href(order: str) -> str:
    return f"?sort={order}" if order != DEFAULT_SORT else reverse("workspace:data_quality")


def created_row(row: CreatedCode) -> CreatedRow:
    model, kind = (row.source or row.campaign), "source" if row.source else "campaign"
    assert model is not None, "it is one of both"
    return CreatedRow(row, kind, reverse(f"admin:leads_{kind}_change", args=[model.pk]))


@right_required(*MAY_REPAIR)
@form_of("workspace:data_quality")
def keep_created(request: HttpRequest, pk: int) -> HttpResponse:
    row = keep_code(pk, by=signed_in(request), at=timezone.now())
    if row is None:
        messages.info(request, "Someone else checked it before. Nothing was changed.")
    else:
        messages.success(request, f"“{row}” stays as it is.")
    return redirect("workspace:data_quality")


@right_required(*MAY_REPAIR)
@require_http_methods(["GET", "HEAD", "POST"])
def set_aside_value(request: HttpRequest) -> HttpResponse:
    """Show the leads of a value, or of one touch of it, and repair or dismiss it."""
    which = WhichForm(request.GET)
    if not which.is_valid():
        return redirect("workspace:data_quality")
    field, value, touch_id = (which.cleaned_data[name] for name in ("field", "value", "touch"))
    if request.method == "POST":
        return act(request, field, value, touch_id)
    touches = touches_to_repair(field, value)
    if touch_id:
        touches = touches.filter(pk=touch_id)
    with_leads = touches.select_related("lead__contact", "lead__company")
    shown = list(with_leads.order_by("-pk")[:TOUCHES_SHOWN])
    name_contacts([touch.lead.contact for touch in shown])
    count = touches.count() if len(shown) == TOUCHES_SHOWN else len(shown)
    if not shown:
        return redirect("workspace:data_quality")
    context = {
        "label": field_label(field),
        "value": value,
        "reason": reason_of(shown[0], field),
        "touch_id": touch_id,
        "count": count,
        "rows": [(touch, address_of(field, value, touch.pk)) for touch in shown],
        "group_href": address_of(field, value),
        "choices": choices_of(field),
        "may_repair": field in REPAIRABLE and (bool(touch_id) or field not in OF_ONE_CONTACT),
        "is_repairable": field in REPAIRABLE,
    }
    return render(request, "workspace/set_aside_value.html", context)


def act(request: HttpRequest, field: str, value: str, touch_id: int | None) -> HttpResponse:
    form, run = (
        (DismissForm(request.POST), dismiss_values)
        if request.POST.get("action") == "dismiss"
        else (RepairForm(request.POST), repair_values)
    )
    here = address_of(field, value, touch_id)
    if not form.is_valid():
        messages.error(request, first_errors(form))
        return redirect(here)
    user, at = signed_in(request), timezone.now()
    which: dict[str, Any] = {"field": field, "value": value, "touch_id": touch_id}
    try:
        result = run(**which, **form.cleaned_data, by=user, at=at)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(here)
    report(request, result)
    return redirect(address_of(field, value))


def report(request: HttpRequest, result: RepairResult) -> None:
    if result.repaired:
        left = f" {counted(result.left, 'touch', 'touches')} left." if result.left else ""
        done = counted(result.repaired, "touch", "touches")
        messages.success(request, f"Saved for {done}.{left}")
    elif not (result.refusals or result.dismissals):
        messages.info(request, "This value was repaired or dismissed before. Nothing was changed.")
    for refusal in result.refusals[:MAX_REFUSALS]:
        messages.error(request, refusal)
    if result.dismissals:
        count = counted(len(result.dismissals), "value was", "values were")
        reasons = " ".join(result.dismissals[:MAX_REFUSALS])
        messages.warning(request, f"{count} not needed and left the list. {reasons}")


def reason_of(touch: Touch, field: str) -> str:
    reasons = (entry["reason"] for entry in touch.set_aside if entry["field"] == field)
    return next(reasons, "")


def choices_of(field: str) -> list[tuple[str, str]]:
    """Return codes and names of a field that has a fixed set of them."""
    if field in CODES:
        rows = getattr(configuration.now(), f"{field}s")
        return sorted(((code, row.name) for code, row in rows.items()), key=lambda row: row[1])
    reader = READERS.get(field)
    return list(reader.choices) if isinstance(reader, ChoiceReader) else []
