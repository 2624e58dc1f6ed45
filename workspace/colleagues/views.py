"""The page of a person: availability, week, open leads and attainment."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.permissions import Right
from people.access import right_required
from people.requests import HtmxRequest, signed_in
from workspace.colleagues.page import MAX_LEADS, load_person_page


@right_required(Right.SEE_LEADS)
@require_GET
def person(request: HtmxRequest, pk: int) -> HttpResponse:
    page = load_person_page(pk, reader=signed_in(request), at=timezone.now())
    if page is None:
        raise Http404
    context = {"page": page, "person": page.person, "at": page.at, "max_leads": MAX_LEADS}
    return render(request, "workspace/colleagues/person.html", context)
