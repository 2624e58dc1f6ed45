"""The account page: what everyone sets for themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.messages.storage.base import Message
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core.history import recorded_for
from people.access import form_of, sign_in_required
from people.account.email_change import (
    cancel_email_change,
    change_of_link,
    confirm_email_change,
)
from people.account.sections import SECTIONS, Section
from people.lockout import count_failure, is_allowed
from people.requests import signed_in


@dataclass(frozen=True)
class Part:
    """A section as the page shows it, with the messages about it."""

    section: Section
    form: Any
    messages: list[Message]


def address_of(request: HttpRequest, section: str) -> str:
    return f"{reverse('people:account')}#{section_of(section).code}"


@sign_in_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return page_of(request)


@sign_in_required
@form_of(address_of)
def save_section(request: HttpRequest, section: str) -> HttpResponse:
    chosen, user = section_of(section), signed_in(request)
    if chosen.asks_password and not is_allowed(request, user):
        return HttpResponse(status=429)  # replaced with the page of a lockout
    form = chosen.form(request, request.POST)
    if not form.is_valid():
        if "old_password" in form.errors:
            count_failure(request, user)
        return page_of(request, {section: form}, status=422)
    with recorded_for(user_id=user.pk, path=request.path):
        form.save()
    if chosen.asks_password:
        update_session_auth_hash(request, user)
    messages.success(request, chosen.saved, extra_tags=section)
    return redirect(address_of(request, section))


@sign_in_required
@form_of(lambda request: address_of(request, "email"))
def cancel_email(request: HttpRequest) -> HttpResponse:
    cancel_email_change(signed_in(request))
    messages.success(request, "The email stays as it is.", extra_tags="email")
    return redirect(address_of(request, "email"))


@sign_in_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before the change, because mail programs open links on their own."""
    user, at = signed_in(request), timezone.now()
    change = change_of_link(token, user=user, at=at)
    if change and request.method == "POST":
        with recorded_for(user_id=user.pk, path=reverse("people:account")):
            is_changed = confirm_email_change(change, at=at)
        if is_changed:
            messages.success(request, "Email changed.", extra_tags="email")
            return redirect(address_of(request, "email"))
        change = None
    status = 200 if change else 410
    return render(request, "people/confirm_email.html", {"change": change}, status=status)


@require_GET
def former_address(request: HttpRequest, section: str) -> HttpResponse:
    """Redirect from a page of its own, which the section had before."""
    return redirect(address_of(request, section), permanent=True)


def page_of(
    request: HttpRequest, forms: Mapping[str, Any] = MappingProxyType({}), *, status: int = 200
) -> HttpResponse:
    """Show all sections; `forms` are those with errors, by the code of their section."""
    shown = list(messages.get_messages(request))
    parts = [
        Part(
            section,
            forms.get(section.code) or section.form(request),
            [message for message in shown if message.extra_tags == section.code],
        )
        for section in SECTIONS.values()
    ]
    others = [message for message in shown if message.extra_tags not in SECTIONS]
    context = {"parts": parts, "other_messages": others}
    return render(request, "people/account.html", context, status=status)


def section_of(code: str) -> Section:
    try:
        return SECTIONS[code]
    except KeyError:
        raise Http404 from None
