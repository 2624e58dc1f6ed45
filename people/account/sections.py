"""The sections of the account page, in its order. Each has a form that is saved alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from people.account.forms import NameForm, TimeZoneForm
from people.forms import ChangePasswordForm
from people.models import User


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

    def form(self, user: User, data: QueryDict | None = None) -> Any:
        """Return the form, whose ids no other form of the page has."""
        return self.make_form(user, data, auto_id=f"{self.code}_%s")


def own_fields(form_class: type[Any]) -> Callable[..., Any]:
    return lambda user, data, **options: form_class(data, instance=user, **options)


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
            "time-zone",
            "Time zone",
            "Business hours and SLA timers keep the time zone of their calendar.",
            own_fields(TimeZoneForm),
            button="Save time zone",
            saved="Time zone saved.",
        ),
        Section(
            "password",
            "Password",
            "You stay signed in here and are signed out everywhere else.",
            ChangePasswordForm,
            button="Change password",
            saved="Password changed.",
            asks_password=True,
        ),
    )
}
