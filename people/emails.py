"""One spelling of an email for one account."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from django.core.exceptions import ValidationError

ONLY_ASCII: Final = (
    "Use only letters without accents, digits and the signs of an email address. "
    "Other characters can look like them."
)


def one_spelling(email: str) -> str:
    """Return the spelling under which an account is found, and failures to sign in are counted."""
    return normalize("NFKC", email).strip().casefold()


def email_of_account(text: str) -> str:
    """Return how the email of a new account is stored; refuse what looks like another one."""
    email = normalize("NFKC", text).strip()
    if not email.isascii():
        raise ValidationError(ONLY_ASCII)
    return email.lower()
