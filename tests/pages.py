"""Who asks for a page, in tests."""

from __future__ import annotations

from typing import Any

from django.test import Client

from people.models import User

HTMX = {"HX-Request": "true"}


def signed_in_as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def htmx(target: str = "") -> dict[str, Any]:
    """Headers of a part of a page that asks; `target` is the id of what will be swapped."""
    return {"headers": {"HX-Request": "true", **({"HX-Target": target} if target else {})}}
