"""Answer the requests of the reason editor; the admin classes check who may send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.admin_base import ProductPage
from core.errors import Refused
from core.versioning.editors import is_part, refused, sent_id
from handoff.admin.reason_editor import editing
from handoff.admin.reason_editor.forms import Reason, ReasonForm
from handoff.admin.reason_editor.kinds import KINDS, ReasonKind
from handoff.admin.reason_editor.reading import read_editor, read_reasons, what_changes

TEMPLATE = "handoff/reasons/page.html"


def reasons_page(
    request: HttpRequest,
    kind: ReasonKind,
    *,
    reasons: Sequence[Any] | None = None,
    form: ReasonForm | None = None,
    announcement: str = "",
    status: int = 200,
) -> ProductPage:
    """Show the reasons with one open, or only what htmx swaps; `announcement` is read aloud."""
    at = timezone.now()
    shown = read_reasons(kind) if reasons is None else reasons
    editor = read_editor(kind, at, reasons=shown, form=form)
    return ProductPage(
        request,
        f"{TEMPLATE}#editor" if is_part(request) else TEMPLATE,
        status=status,
        editor=editor,
        form=form,
        at=at,
        tabs=tabs_of(request, kind),
        announcement=announcement or " ".join(editor.consequences),
        is_part=is_part(request),
        may_edit=may(request, kind, "change"),
        may_add=may(request, kind, "add"),
        list_url=reverse(kind.address("changelist")),
        add_url=reverse(kind.address("add")),
    )


def form_page(request: HttpRequest, kind: ReasonKind, reason: Reason | None) -> ProductPage:
    """Show the reasons with the form of one of them, or of a new one."""
    reasons = read_reasons(kind)
    form = kind.form(reason or new_reason(kind, reasons), reasons)
    return reasons_page(request, kind, reasons=reasons, form=form)


@transaction.atomic
def save(request: HttpRequest, kind: ReasonKind, reason: Reason | None) -> HttpResponse:
    """Save a reason if everything in the form is valid, or only show what saving would change."""
    is_saved = "save" in request.POST
    reasons = editing.locked_reasons(kind.model) if is_saved else read_reasons(kind)
    stored = next((row for row in reasons if reason and row.pk == reason.pk), None)
    form = kind.form(stored or new_reason(kind, reasons), reasons, request.POST)
    form.is_valid()
    form.add_conflicts()
    if not is_saved:
        form.forgive_empty_fields()
    elif not form.errors:
        changes = list(what_changes(kind, form))
        editing.write(form)
        messages.success(request, " ".join([f"Saved “{form.instance}”.", *changes]))
        return redirect(kind.address("changelist"))
    # htmx shows only answers that succeeded.
    status = 422 if is_saved and not is_part(request) else 200
    return reasons_page(request, kind, reasons=reasons, form=form, status=status)


def move(request: HttpRequest, reason: Reason) -> HttpResponse:
    kind = KINDS[type(reason)]
    before = sent_id(request.POST.get("before")) or None
    try:
        place = editing.move(reason, to=request.POST.get("to", ""), before=before)
    except Refused as refusal:
        return refused(request, refusal, kind.address("changelist"))
    return _changed(request, kind, f"{reason} is now number {place}")


def switch(request: HttpRequest, reason: Reason) -> HttpResponse:
    kind = KINDS[type(reason)]
    is_active = request.POST.get("to") == "on"
    try:
        switched = editing.switch(reason, is_active=is_active)
    except Refused as refusal:
        return refused(request, refusal, kind.address("changelist"))
    key = getattr(switched, "key", None)
    active = f"active now with the key {key}" if key else "active now"
    return _changed(request, kind, f"{switched} is {active if is_active else 'inactive now'}")


def _changed(request: HttpRequest, kind: ReasonKind, announcement: str) -> HttpResponse:
    if is_part(request):
        return reasons_page(request, kind, announcement=announcement)
    messages.success(request, f"{announcement}.")
    return redirect(kind.address("changelist"))


def new_reason(kind: ReasonKind, reasons: Sequence[Any]) -> Any:
    """Return a reason to fill in. It is active if there is room for it."""
    number = sum(row.is_active for row in reasons)
    problem = kind.model.problem_with_active_count(before=number, after=number + 1)
    return kind.model(is_active=not problem, position=len(reasons))


def tabs_of(request: HttpRequest, shown: ReasonKind) -> list[tuple[str, str, bool]]:
    """Return the pages of all kinds of reasons that the user may open."""
    return [
        (kind.short_title, reverse(kind.address("changelist")), kind is shown)
        for kind in KINDS.values()
        if may(request, kind, "view")
    ]


def may(request: HttpRequest, kind: ReasonKind, act: str) -> bool:
    return bool(request.user.has_perm(f"handoff.{act}_{kind.name}"))
