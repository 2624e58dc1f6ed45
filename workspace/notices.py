"""The notices page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from people.access import sign_in_required
from people.notices import mark_read
from people.requests import signed_in

MAX_NOTICES = 50


@sign_in_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    mine = signed_in(request).notices.filter(deliver_at__lte=timezone.now())
    shown = mine.order_by("-created_at", "-pk")[:MAX_NOTICES]
    return render(request, "workspace/notices.html", {"notices": shown})


@sign_in_required
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    mark_read(signed_in(request), at=timezone.now())
    return redirect("workspace:notices")
