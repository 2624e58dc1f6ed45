"""The search of the bar: a page, and the options that its dialog asks for while a user types."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from core.permissions import Right
from handoff.admin.rules import working_rule_set_url
from leads.search import MAX_LENGTH, Term
from people.access import right_required, sign_in_required
from people.requests import signed_in
from workspace.search.hits import Group
from workspace.search.kinds import read_hits
from workspace.search.pages import find_actions, find_pages

OPTIONS: Final = 5  # of each kind, in the dialog
ROWS: Final = 20


@sign_in_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    text = text_of(request)
    context = {"text": text, "groups": groups_for(request, text, ROWS) if text else []}
    return render(request, "workspace/search/page.html", context)


@sign_in_required
@require_GET
def options(request: HttpRequest) -> HttpResponse:
    text = text_of(request)
    context = {"text": text, "groups": groups_for(request, text, OPTIONS)}
    response = render(request, "workspace/search/options.html", context)
    patch_cache_control(response, no_store=True)
    return response


@right_required(Right.PUBLISH)
@require_GET
def try_lead(_request: HttpRequest) -> HttpResponse:
    """Redirect to trying a lead on the rules that are being worked on."""
    page = resolve(working_rule_set_url())
    if "object_id" not in page.kwargs:
        return redirect("admin:handoff_ruleset_changelist")
    return redirect(reverse("admin:handoff_ruleset_try_lead", kwargs=page.kwargs))


def groups_for(request: HttpRequest, text: str, size: int) -> list[Group]:
    """Return what the text finds by kind; without a text, the pages and actions."""
    user = signed_in(request)
    hits = read_hits(Term.of(text), user, size)
    groups = [
        *(Group(kind.label, rows) for kind, rows in hits.items()),
        Group("Pages", find_pages(user, text)),
        Group("Actions", find_actions(user, text)),
    ]
    return [group for group in groups if group.hits]


def text_of(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:MAX_LENGTH].strip()
