"""The start page of each role."""

from collections.abc import Mapping
from typing import Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from core.permissions import Right
from people.access import sign_in_required
from people.choices import able_users
from people.models import User
from people.requests import signed_in
from people.roles import Role

MAX_HELPERS: Final = 5
# The first role a user has, in this order, decides.
HOMES: Final[Mapping[Role, str]] = {
    Role.OPERATIONS: "admin:index",
    Role.HANDOFF_OWNER: "reporting:overview",
    Role.LEADER: "reporting:overview",
    Role.MARKETER: "reporting:sources",
    Role.SALES_MANAGER: "workspace:team",
    Role.REP: "workspace:inbox",
}


@sign_in_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the role's start page, or explain how to get a role."""
    if view_name := home_of(signed_in(request)):
        return redirect(view_name)
    return render(request, "workspace/home.html", {"helpers": helpers()})


def helpers() -> QuerySet[User]:
    """Return who can give a person a role or a team."""
    return able_users(Right.EDIT_CONFIGURATION).distinct().order_by("name", "pk")[:MAX_HELPERS]


def home_of(user: User) -> str | None:
    if user.is_superuser:
        return HOMES[Role.OPERATIONS]
    return next((view_name for role, view_name in HOMES.items() if role in user.roles), None)
