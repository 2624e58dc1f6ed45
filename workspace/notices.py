"""The notices page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.pagination import numbered_page
from people.access import form_of, sign_in_required
from people.notice_groups import NoticeGroup
from people.notices import mark_read, recent_groups
from people.requests import signed_in
from workspace.notice_rows import NoticeRow, leads_named_in

PAGE_SIZE: Final = 15


class Order(NamedTuple):
    """Groups that are `first` come before the others, the newest first among both."""

    label: str
    first: Callable[[NoticeGroup], bool]


ORDERS: Final[Mapping[str, Order]] = {
    "": Order("Newest first", lambda _group: True),
    "unread": Order("Unread first", lambda group: group.is_new),
    "urgent": Order("Urgent first", lambda group: group.is_pressing),
}


@sign_in_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else ""
    groups = recent_groups(user, at=timezone.now())
    groups.sort(key=lambda group: not ORDERS[sort].first(group))
    page = numbered_page(groups, request.GET.get("page", ""), size=PAGE_SIZE)
    leads = leads_named_in(page.rows, reader=user)
    context: dict[str, Any] = {
        "notices": [NoticeRow(group, leads) for group in page.rows],
        "page": page,
        "page_parameter": f"sort={sort}&page" if sort else "page",
        "orders": [
            (order.label, f"?sort={code}" if code else request.path, code == sort)
            for code, order in ORDERS.items()
        ],
    }
    return render(request, "workspace/notices.html", context)


@sign_in_required
@form_of("workspace:notices")
def read_notices(request: HttpRequest) -> HttpResponse:
    mark_read(signed_in(request), at=timezone.now())
    return redirect("workspace:notices")
