"""Which roles may open a page; what they see on it is decided in the querysets."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from people.requests import signed_in
from people.roles import Role

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def only_for(roles: frozenset[Role]) -> Callable[[View], View]:
    """Strangers are asked to sign in, other roles are refused."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = signed_in(request)
            if not (user.is_superuser or user.has_role(*roles)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]  # same arguments as the view it guards

    return decorate
