"""Limits of failed sign-ins, for each account and client and for each client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from axes.handlers.cache import AxesCacheHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from people.emails import one_spelling
from people.models import User

# After so many failures within the time of a lockout, whatever the accounts, a client is slowed
# down to one attempt in SLOW_SECONDS.
MAX_FAILURES: Final = 20
SLOW_SECONDS: Final = 10

Credentials = Mapping[str, Any] | None


class LockoutHandler(AxesCacheHandler):  # type: ignore[misc]  # axes has no types
    def is_locked(self, request: Any, credentials: Credentials = None) -> bool:
        if super().is_locked(request, credentials):
            request.retry_after = get_cool_off(request)
        elif self.is_too_quick(request.axes_ip_address):
            request.retry_after = timedelta(seconds=SLOW_SECONDS)
        else:
            return False
        return True

    def is_too_quick(self, client: str) -> bool:
        if self.cache.get(f"failures:{client}", 0) < MAX_FAILURES:
            return False
        return not self.cache.add(f"attempt:{client}", 1, SLOW_SECONDS)

    def user_login_failed(
        self, sender: str, credentials: Credentials, request: Any = None, **kwargs: Any
    ) -> None:
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and not hasattr(request, "retry_after"):
            key = f"failures:{request.axes_ip_address}"
            seconds = get_cool_off(request).total_seconds()
            if not self.cache.add(key, 1, seconds):
                self.cache.incr(key)
            self.remember_client(clients_key(account_of(request, credentials)), request, seconds)

    def remember_client(self, key: str, request: Any, seconds: float) -> None:
        """Keep each client under a number of its own, so that none of two at once is lost."""
        self.cache.add(key, 0, seconds)
        number = self.cache.incr(key)
        self.cache.touch(key, seconds)
        self.cache.set(f"{key}:{number}", request.axes_ip_address, seconds)

    def unlock(self, account: str) -> bool:
        """Forget the failures of an account, and those of the clients that they came from."""
        key = clients_key(account)
        numbers = range(1, self.cache.get(key, 0) + 1)
        entries = self.cache.get_many([f"{key}:{number}" for number in numbers])
        clients = set(entries.values())
        for client in clients:
            self.reset_attempts(ip_address=client, username=account)
        counters = [f"{name}:{client}" for name in ("failures", "attempt") for client in clients]
        self.cache.delete_many([key, *entries, *counters])
        return bool(clients)


def clients_key(account: str) -> str:
    return f"clients:{sha256(account.encode()).hexdigest()}"


def unlock(email: str) -> bool:
    """Return whether there was something to unlock."""
    return LockoutHandler().unlock(one_spelling(email))


def account_of(request: HttpRequest, credentials: Credentials) -> str:
    """Return the account that failures are counted for, under every spelling of its email."""
    fields = credentials if credentials is not None else request.POST
    return one_spelling(str(fields.get("username") or ""))


def refusal(request: Any, original: HttpResponse | None, credentials: Credentials) -> HttpResponse:
    wait = getattr(request, "retry_after", None) or get_cool_off(request)
    context = {"username": account_of(request, credentials), "wait": wait}
    response = render(request, "people/locked_out.html", context, status=429)
    response["Retry-After"] = str(round(wait.total_seconds()))
    return response


def is_allowed(request: HttpRequest, user: User) -> bool:
    """Return whether a password of this user may be tried now; if not, answer with `refusal`."""
    credentials = {"username": user.email}
    allowed = bool(AxesProxyHandler.is_allowed(request, credentials))
    if not allowed:
        request.axes_locked_out = True  # type: ignore[attr-defined]
        request.axes_credentials = credentials  # type: ignore[attr-defined]
    return allowed


def count_failure(request: HttpRequest, user: User) -> None:
    credentials = {"username": user.email}
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)
