"""The public pages about the API, which load nothing from other hosts."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from api.idempotency import REMEMBERED_FOR
from api.problems import ENTRIES, PROBLEMS
from api.reference import operations


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"operations": operations()})


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    context = {"base": settings.SITE_URL, "remembered_days": REMEMBERED_FOR.days}
    return render(request, "api/guide.html", context)


@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"problems": ENTRIES})


@require_GET
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """Explain a problem; its `type` links to this page."""
    if code not in PROBLEMS:
        raise Http404
    return render(request, "api/problem.html", {"problem": PROBLEMS[code]})
