"""Answer the requests of the scoring editor; the admin class checks who may send them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.admin_base import ProductPage
from core.errors import Refused
from core.merging import base_values
from core.versioning.editors import go_to, is_part, refused, rights_on, sent_id
from core.versioning.models import ContentStatus
from leads.admin.lead_choice import find_leads, latest_leads
from leads.admin.scoring_editor import editing
from leads.admin.scoring_editor.forms import ScoringForm
from leads.admin.scoring_editor.latest import usable_model
from leads.admin.scoring_editor.reading import (
    ScoringEditor,
    read_editor,
    read_groups,
    read_moved,
    read_overview,
)
from leads.admin.scoring_editor.trial import Trial, try_lead
from leads.live_catalog import live_catalog
from leads.models import Lead, LeadQuerySet, ScoringModel
from people.models import User

TEMPLATE = "leads/scoring/page.html"
LIST = "admin:leads_scoringmodel_changelist"
CONFLICT = (
    "Another user changed this meanwhile. Yours is not saved yet. Save again to replace theirs."
)


def model_page(
    request: HttpRequest,
    model: ScoringModel,
    *,
    form: ScoringForm | None = None,
    open_id: int = 0,
    announcement: str = "",
    status: int = 200,
) -> ProductPage:
    """Show a version, or only what htmx swaps; `announcement` is read aloud."""
    editor = editor_of(request, model)
    rights = rights_on(request, model, to_edit="leads.change_scoringmodel")
    if rights["may_edit"] and form is None:
        stored = editing.values_of(model, editor.groups)
        open_id = open_id or sent_id(request.GET.get("criterion"))
        form = ScoringForm(stored, editor.groups, editor.catalog, open_id)
        if request.method == "GET" or request.POST.get("act", "").startswith("open"):
            form.start_at_points()
    page = ProductPage(
        request,
        f"{TEMPLATE}#editor" if is_part(request) else TEMPLATE,
        status=status,
        editor=editor,
        form=form,
        latest=[] if is_part(request) else latest_leads(seen_leads(request)),
        announcement=announcement,
        is_part=is_part(request),
        **rights,
    )
    if is_part(request):
        page["HX-Trigger-After-Settle"] = "scoring-changed"  # for the lead that is tested
    return page


def save(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    """Save what is valid, then do what the button says."""
    groups = editing.groups_of(model.pk)
    stored = editing.values_of(model, groups)
    open_id = sent_id(request.POST.get("criterion"))
    form = ScoringForm(stored, groups, live_catalog(), open_id, request.POST)
    form.is_valid()
    base = base_values(request.POST.get("base", ""), stored)
    name, _, row = request.POST.get("act", "").partition(":")
    opened, announcement = form.open_id, ""
    try:
        merged = editing.save(model.pk, base=base, mine=form.values())
        for value in merged.conflicts:
            form.add_conflict(value, CONFLICT)
        if name in editing.ACTS and (name.startswith("remove") or not form.has_errors):
            opened, announcement = editing.act(model.pk, name, sent_id(row))
            form = ScoringForm(stored, groups, form.catalog)  # what was typed is saved
    except Refused as refusal:
        return refused(request, refusal, LIST)
    is_kept = form.is_bound and (form.has_errors or form.is_incomplete)
    if not is_kept and name in {"open", "close"}:
        opened = sent_id(row)
    return _after_save(request, model, form if is_kept else None, opened, announcement)


def _after_save(
    request: HttpRequest,
    model: ScoringModel,
    form: ScoringForm | None,
    opened: int,
    announcement: str,
) -> HttpResponse:
    has_errors = form is not None and form.has_errors
    if not has_errors and "review" in request.POST:
        return go_to(request, url_of(model, "publish"))
    if form is None and not is_part(request):
        url = url_of(model, "change")
        return redirect(f"{url}?criterion={opened}#criterion-{opened}" if opened else url)
    model = ScoringModel.objects.get(pk=model.pk)
    if form is not None:
        form.stored = editing.values_of(model, editing.groups_of(model.pk))
    return model_page(
        request,
        model,
        form=form,
        open_id=opened,
        announcement=announcement or ("Not everything is saved" if has_errors else "Saved"),
        # htmx shows only answers that succeeded.
        status=422 if has_errors and not is_part(request) else 200,
    )


def try_page(request: HttpRequest, version: ScoringModel) -> ProductPage:
    """Search a lead and show its score under this version and under the live one."""
    query, leads = request.GET.get("lead", "").strip(), seen_leads(request)
    matches = find_leads(leads, query)
    context: dict[str, Any] = {
        "matches": matches,
        "latest": [] if query else latest_leads(leads),
    }
    if len(matches) == 1:
        [lead] = matches
        context |= {"trial": read_trial(lead, version)}
    return ProductPage(
        request,
        "leads/scoring/try.html#trial" if is_part(request) else "leads/scoring/try.html",
        version=version,
        query=query,
        **context,
    )


def read_trial(lead: Lead, version: ScoringModel) -> Trial:
    live = (
        ScoringModel.objects.filter(status=ContentStatus.PUBLISHED).exclude(pk=version.pk).first()
    )
    groups, catalog = read_groups([version, live] if live else [version]), live_catalog()
    return try_lead(
        lead,
        usable_model(groups[version.pk], version.mql_threshold, catalog),
        usable_model(groups[live.pk], live.mql_threshold, catalog) if live else None,
        timezone.now(),
    )


def moved_page(request: HttpRequest, version: ScoringModel) -> ProductPage:
    """List the latest leads that are an MQL under one of the two versions only."""
    editor = editor_of(request, version)
    return ProductPage(
        request,
        "leads/scoring/moved.html",
        editor=editor,
        moved=read_moved(editor.comparison.moves if editor.comparison else []),
    )


def list_page(request: HttpRequest) -> ProductPage:
    """Show the live version in sentences, and what each version changed."""
    return ProductPage(request, "leads/scoring/list.html", editor=read_overview())


def editor_of(request: HttpRequest, version: ScoringModel) -> ScoringEditor:
    return read_editor(version, seen_leads(request), timezone.now())


def seen_leads(request: HttpRequest) -> LeadQuerySet:
    assert isinstance(request.user, User)
    return Lead.objects.held_for(request.user)


def url_of(model: ScoringModel, page: str) -> str:
    return reverse(f"admin:leads_scoringmodel_{page}", args=[model.pk])
