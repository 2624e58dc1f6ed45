"""Authenticate a client by its API key, check the scope, and limit its requests."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api.keys import Caller, find_caller
from api.requests import idempotency_header, is_valid_idempotency_key
from api.throttle import count_request

SCHEMES: Final = frozenset({"bearer", "api-key"})


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`; the same statement reads the stored answer to a repeat."""

    def authenticate(self, request: Request) -> tuple[None, Caller] | None:
        scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
        if not scheme:
            return None
        if scheme.lower() not in SCHEMES or not secret.strip():
            raise AuthenticationFailed("Send the key as “Authorization: Bearer KEY”.")
        key = idempotency_header(request)
        caller = find_caller(secret.strip(), key if is_valid_idempotency_key(key) else "")
        if caller is None:
            raise AuthenticationFailed("This API key is unknown or revoked.")
        return None, caller

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """Require the scope that the view names in `required_scope`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        scope = view.required_scope  # type: ignore[attr-defined]
        self.message = f"This API key does not have the scope {scope}."
        return isinstance(request.auth, Caller) and scope in request.auth.scopes


class HasKey(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Caller)


class KeyThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        caller: Any = request.auth
        usage = count_request(caller.hash, caller.requests_per_minute, at=timezone.now())
        self.usage = usage
        view.usage = usage  # type: ignore[attr-defined]  # KeyView shows it
        return usage is None or not usage.is_exceeded

    def wait(self) -> float | None:
        return self.usage.seconds_left if self.usage else None
