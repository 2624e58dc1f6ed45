"""The notices page."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from people.access import form_of, sign_in_required
from people.notices import mark_read, recent_groups
from people.requests import signed_in
from workspace.notice_rows import NoticeRow, leads_named_in

MAX_GROUPS: Final = 50


@sign_in_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    groups = recent_groups(user, at=timezone.now())[:MAX_GROUPS]
    leads = leads_named_in(groups, reader=user)
    rows = [NoticeRow(group, leads) for group in groups]
    return render(request, "workspace/notices.html", {"notices": rows})


@sign_in_required
@form_of("workspace:notices")
def read_notices(request: HttpRequest) -> HttpResponse:
    mark_read(signed_in(request), at=timezone.now())
    return redirect("workspace:notices")
