"""Answer the requests of the policy editor; the admin class checks who may send them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.admin_base import ProductPage
from core.errors import Refused
from core.merging import base_values
from core.pagination import read_cursor
from core.versioning.editors import go_to, is_part, refused, rights_on, sent_id
from handoff.admin.policy_editor import editing
from handoff.admin.policy_editor.forms import NewTargetForm, PolicyForm
from handoff.admin.policy_editor.reading import read_editor, read_policies
from handoff.admin.policy_editor.timers import read_timers
from handoff.clock_kinds import CLOCK_KINDS
from handoff.models import SlaPolicy
from leads.models import LeadType
from people.requests import signed_in

TEMPLATE = "handoff/policies/page.html"
LIST = "admin:handoff_slapolicy_changelist"


def policy_page(
    request: HttpRequest,
    policy: SlaPolicy,
    *,
    form: PolicyForm | None = None,
    new_form: NewTargetForm | None = None,
    announcement: str = "",
    status: int = 200,
) -> ProductPage:
    """Show a version, or only what htmx swaps; `announcement` is read aloud."""
    sent = request.POST if request.method == "POST" else request.GET
    editor = read_editor(policy, timezone.now(), shown_target=_shown_target(sent))
    rights = rights_on(request, policy, to_edit="handoff.change_slapolicy")
    new_forms: list[NewTargetForm] = []
    if rights["may_edit"]:
        stored = editing.values_of(policy)
        form = form or PolicyForm(stored, list(editor.targets))
        sent_rows = request.POST if form.is_bound else None
        lead_types = read_lead_types()
        new_forms = [
            new_form
            if new_form and new_form.kind is kind
            else NewTargetForm(kind, lead_types, sent_rows)
            for kind in CLOCK_KINDS.values()
        ]
    return ProductPage(
        request,
        f"{TEMPLATE}#editor" if is_part(request) else TEMPLATE,
        status=status,
        editor=editor,
        form=form,
        new_forms={new.kind.code: new for new in new_forms},
        announcement=announcement,
        is_part=is_part(request),
        **rights,
    )


def timers_page(request: HttpRequest, policy: SlaPolicy) -> ProductPage:
    timers = read_timers(
        policy,
        signed_in(request),
        kind=request.GET.get("kind", ""),
        part=request.GET.get("part", ""),
        cursor=read_cursor(request.GET.get("page", "")),
        at=timezone.now(),
    )
    return ProductPage(request, "handoff/policies/timers.html", timers=timers)


def save(request: HttpRequest, policy: SlaPolicy) -> HttpResponse:
    """Save what is valid, then do what the button says."""
    stored = editing.values_of(policy)
    targets = list(policy.targets.select_related("lead_type"))
    form = PolicyForm(stored, targets, request.POST)
    form.is_valid()
    mine = {**form.values(), **_step(request.POST.get("step", ""))}
    base = base_values(request.POST.get("base", ""), stored)
    new_form = None
    try:
        merged = editing.save(policy.pk, base=base, mine=mine)
        if removed := sent_id(request.POST.get("remove")):
            editing.remove_target(policy.pk, removed)
        if kind := CLOCK_KINDS.get(request.POST.get("add", "")):
            new_form = NewTargetForm(kind, read_lead_types(), request.POST, is_checked=True)
            _add(policy, new_form)
    except Refused as refusal:
        return refused(request, refusal, LIST)
    for name in merged.conflicts:
        form.add_error(
            name if name in form.fields else None,
            "Another user changed this meanwhile. Yours is not saved yet. Save again to replace "
            "theirs.",
        )
    return _after_save(request, policy, form, new_form)


def _after_save(
    request: HttpRequest, policy: SlaPolicy, form: PolicyForm, new_form: NewTargetForm | None
) -> HttpResponse:
    has_errors = bool(form.errors) or bool(new_form and new_form.errors)
    url = url_of(policy, "change")
    if not has_errors and "review" in request.POST:
        return go_to(request, url_of(policy, "publish"))
    if not has_errors and not is_part(request):
        target = _shown_target(request.POST)
        return redirect(f"{url}?target={target}" if target else url)
    policy = SlaPolicy.objects.get(pk=policy.pk)
    form.stored = editing.values_of(policy)
    return policy_page(
        request,
        policy,
        form=form if has_errors else None,
        new_form=new_form if new_form and new_form.errors else None,
        announcement="Not everything is saved" if has_errors else "Saved",
        # htmx shows only answers that succeeded.
        status=200 if is_part(request) or not has_errors else 422,
    )


def _add(policy: SlaPolicy, new_form: NewTargetForm) -> None:
    if not new_form.is_valid():
        return
    try:
        editing.add_target(policy.pk, new_form.target())
    except editing.TargetExists as refusal:
        new_form.add_error("temperature", str(refusal))


def list_page(request: HttpRequest) -> ProductPage:
    """List the policies, and what each of their versions changed, in words."""
    return ProductPage(request, "handoff/policies/list.html", policies=read_policies())


def url_of(policy: SlaPolicy, page: str) -> str:
    return reverse(f"admin:handoff_slapolicy_{page}", args=[policy.pk])


def read_lead_types() -> list[LeadType]:
    return list(LeadType.objects.order_by("position", "pk"))


def _step(sent: str) -> dict[str, Any]:
    """Return what “on:12” and “off:12” change: whether an overdue lead is reassigned."""
    switch, _, target = sent.partition(":")
    return {f"{target}-reassigns_on_breach": switch == "on"} if target else {}


def _shown_target(sent: QueryDict) -> int:
    return sent_id(sent.get("show") or sent.get("target"))
