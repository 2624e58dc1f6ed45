"""The sections of the account page, in its order. Each has a form that is saved alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, QueryDict

from people.account.forms import EmailForm, FormatsForm, NameForm
from people.account.notices import NoticesForm
from people.account.sessions import EndSessionsForm
from people.forms import ChangePasswordForm
from people.requests import signed_in


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    text: str
    make_form: Callable[..., Any]
    button: str
    saved: str
    # Wrong passwords count as failed attempts to sign in.
    asks_password: bool = False
    template: str = "people/account/_form.html"

    def form(self, request: HttpRequest, data: QueryDict | None = None) -> Any:
        """Return the form, whose ids no other form of the page has."""
        return self.make_form(request, data, auto_id=f"{self.code}_%s")


def own_fields(form_class: type[Any]) -> Callable[..., Any]:
    return lambda request, data, **options: form_class(data, instance=signed_in(request), **options)


def change_password(request: HttpRequest, data: Any, **options: Any) -> ChangePasswordForm:
    return ChangePasswordForm(signed_in(request), data, **options)


SECTIONS: Final[Mapping[str, Section]] = {
    section.code: section
    for section in (
        Section(
            "name",
            "Name",
            "",
            own_fields(NameForm),
            button="Save name",
            saved="Name saved.",
        ),
        Section(
            "email",
            "Email",
            "You sign in with it, and mail goes there. It changes when you open the link that is "
            "sent to the new address.",
            EmailForm,
            button="Send the link",
            saved="A link to confirm the new email is on its way to it.",
            asks_password=True,
            template="people/account/_email.html",
        ),
        Section(
            "time-zone",
            "Dates and numbers",
            "Business hours and SLA timers keep the time zone of their calendar. Mail, exports and "
            "the API keep their own formats.",
            own_fields(FormatsForm),
            button="Save dates and numbers",
            saved="Dates and numbers saved.",
        ),
        Section(
            "notices",
            "Notifications",
            "All of them are on the notices page. Unless it is urgent, mail waits for your "
            "business hours.",
            NoticesForm,
            button="Save notifications",
            saved="Notifications saved.",
            template="people/account/_notices.html",
        ),
        Section(
            "password",
            "Password",
            "You stay signed in here and are signed out everywhere else.",
            change_password,
            button="Change password",
            saved="Password changed.",
            asks_password=True,
        ),
        Section(
            "sessions",
            "Sessions",
            "Browsers that are signed in to your account. If you don't know one, sign it out and "
            "change your password.",
            EndSessionsForm,
            button="Sign out all others",
            saved="Signed out there.",
            template="people/account/_sessions.html",
        ),
    )
}
