"""The page of a contact: everything known about one person, across their leads."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.pagination import read_cursor
from core.permissions import Right
from people.access import right_required
from people.requests import HtmxRequest, signed_in
from workspace.contacts.page import load_contact_page


@right_required(Right.SEE_LEADS)
@require_GET
def contact(request: HtmxRequest, pk: int) -> HttpResponse:
    cursor = read_cursor(request.GET.get("page", ""))
    page = load_contact_page(pk, reader=signed_in(request), cursor=cursor)
    if page is None:
        raise Http404
    context = {"page": page, "contact": page.contact}
    return render(request, "workspace/contacts/contact.html", context)
