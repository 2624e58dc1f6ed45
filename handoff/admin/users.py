"""The user admin, which reassigns the leads of a user who leaves or loses the role."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.admin_base import display
from core.formatting import count_text, counted
from handoff.departed import Reassigned
from handoff.departures import leads_held_by, reassign_leads_of
from people.admin.users import UserAdmin
from people.models import User

MAX_LISTED: Final = 50

admin.site.unregister(User)


@admin.register(User)
class RoutedUserAdmin(UserAdmin):
    readonly_fields = [*UserAdmin.readonly_fields, "open_leads"]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        leads = {
            "fields": ["open_leads"],
            "description": "Deactivating the user, or removing the role that answers leads, "
            "reassigns these leads by the routing rules.",
        }
        return [*fieldsets, ("Leads", leads)]

    @display(description="open leads")
    def open_leads(self, user: User) -> SafeString | str:
        leads = list(leads_held_by(user).select_related("contact")[: MAX_LISTED + 1])
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            ((lead.get_absolute_url(), lead.contact) for lead in leads[:MAX_LISTED]),
        )
        if len(leads) > MAX_LISTED:
            more = count_text(leads_held_by(user).count() - MAX_LISTED)
            return format_html("{} and {} more", links, more)
        return links or "None"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            return
        by = cast(User, request.user)
        if reassigned := reassign_leads_of(form.instance, at=timezone.now(), by=by):
            messages.warning(request, summary(reassigned))


def summary(reassigned: list[Reassigned]) -> str:
    """Return a sentence such as “3 leads reassigned: 2 to Jon, 1 to the Qualification queue.”"""
    count = counted(len(reassigned), "lead", "leads")
    receivers = [
        f"{count_text(number)} to {to}"
        for to, number in Counter(row.to for row in reassigned).most_common()
    ]
    return f"{count} reassigned: {', '.join(receivers)}."
