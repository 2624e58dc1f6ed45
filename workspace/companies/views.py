"""The page of a company: its people, leads and touches."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.pagination import read_cursor
from core.permissions import Right
from people.access import right_required
from people.requests import HtmxRequest, signed_in
from workspace.companies.page import load_company_page


@right_required(Right.SEE_LEADS)
@require_GET
def company(request: HtmxRequest, pk: int) -> HttpResponse:
    page = load_company_page(
        pk,
        reader=signed_in(request),
        people=read_cursor(request.GET.get("people", "")),
        leads=read_cursor(request.GET.get("leads", "")),
    )
    if page is None:
        raise Http404
    context = {"page": page, "company": page.company}
    return render(request, "workspace/companies/company.html", context)
