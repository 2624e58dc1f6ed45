"""The notices page."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.permissions import Right
from people.access import form_of, right_required, sign_in_required
from people.models import User
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
    context = {
        "notices": [NoticeRow(group, leads) for group in groups],
        "rejection_notices": User.RejectionNotices.choices
        if user.may(Right.EDIT_CAMPAIGNS)
        else [],
    }
    return render(request, "workspace/notices.html", context)


@sign_in_required
@form_of("workspace:notices")
def read_notices(request: HttpRequest) -> HttpResponse:
    mark_read(signed_in(request), at=timezone.now())
    return redirect("workspace:notices")


@right_required(Right.EDIT_CAMPAIGNS)
@form_of("workspace:notices")
def choose_rejection_notices(request: HttpRequest) -> HttpResponse:
    user, choice = signed_in(request), request.POST.get("rejection_notices")
    if choice in User.RejectionNotices.values:
        User.objects.filter(pk=user.pk).update(rejection_notices=choice)
        messages.success(request, "Setting saved.")
    else:
        messages.error(request, "Choose when you are notified of rejected leads.")
    return redirect("workspace:notices")
