"""From where somebody signs in: the address, and the browser if a user signed in with it before."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE_NAME: Final = f"{settings.COOKIE_PREFIX}browser"
KNOWN_FOR: Final = timedelta(days=90)
SALT: Final = "people.clients"
# A provider gives each customer this many addresses at least.
IPV6_PREFIX: Final = 64


def client_of(request: HttpRequest) -> str:
    """Return whose attempts are counted together.

    Failures of others at the same address do not count for a browser that a user signed in with.
    """
    address = address_of(
        request.headers.get("X-Forwarded-For", ""),
        request.META.get("REMOTE_ADDR", ""),
        proxies=settings.TRUSTED_PROXIES,
    )
    user_id = user_of_browser(request)
    return f"{address}/user-{user_id}" if user_id else address


def address_of(forwarded: str, remote: str, *, proxies: int) -> str:
    """Return the address that the outermost proxy of ours saw; the client writes what is left."""
    addresses = [text.strip() for text in forwarded.split(",") if text.strip()]
    seen = addresses[-proxies] if proxies and len(addresses) >= proxies else ""
    return network_of(without_port(seen)) or network_of(remote) or remote


def without_port(text: str) -> str:
    """Return the address of “1.2.3.4:80”, “[2001:db8::1]:80” and of addresses without a port."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    address, _, port = text.partition(":")
    return text if ":" in port else address


def network_of(text: str) -> str:
    """Return the addresses that one client may have; empty if the text is not an address."""
    with suppress(ValueError):
        address = ip_address(text)
        if isinstance(address, IPv6Address):
            return str(
                address.ipv4_mapped
                or ip_network((address, IPV6_PREFIX), strict=False).network_address
            )
        return str(address)
    return ""


def user_of_browser(request: HttpRequest) -> str:
    with suppress(KeyError, signing.BadSignature):
        cookie = request.COOKIES[COOKIE_NAME]
        return signing.TimestampSigner(salt=SALT).unsign(cookie, max_age=KNOWN_FOR)
    return ""


def remember_browser(response: HttpResponseBase, user_id: int) -> None:
    response.set_cookie(
        COOKIE_NAME,
        signing.TimestampSigner(salt=SALT).sign(str(user_id)),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
