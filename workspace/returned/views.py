"""The leads that sales returned, with the step that brings each back."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.formatting import count_text
from core.pagination import read_cursor
from core.permissions import Right
from people.access import right_required
from people.requests import HtmxRequest, signed_in
from workspace.returned.page import load_returned


@right_required(Right.EDIT_CONTEXT)
@require_GET
def returned(request: HtmxRequest) -> HttpResponse:
    only_mine = request.GET.get("mine") == "yes"
    cursor = read_cursor(request.GET.get("page", ""))
    reader, at = signed_in(request), timezone.now()
    listed = load_returned(reader, cursor, only_mine=only_mine, at=at)
    context = {
        "listed": listed,
        "only_mine": only_mine,
        "filters": [
            (f"All ({count_text(listed.total)})", request.path, not only_mine),
            (f"Mine ({count_text(listed.mine)})", f"{request.path}?mine=yes", only_mine),
        ],
    }
    return render(request, "workspace/returned/list.html", context)
