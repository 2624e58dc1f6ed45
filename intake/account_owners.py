"""Read the owner of an account: the email of a sales rep."""

from __future__ import annotations

from core.permissions import Right
from leads.normalization.identity import email
from leads.normalization.values import BadValue, ValueReader, quoted
from people.models import User


def account_owner(value: object) -> int:
    """Return the id of the active rep with this email."""
    address = str(email(value))
    try:
        user = User.objects.get_by_natural_key(address)
    except User.DoesNotExist:
        raise BadValue(f"No user has the email {quoted(address)}.") from None
    if not user.is_active:
        raise BadValue(f"{user} is not active.")
    if Right.ANSWER_HANDOFFS not in user.rights:
        raise BadValue(f"{user} does not have a role that answers leads.")
    return user.pk


def remembering(read: ValueReader) -> ValueReader:
    """Return a reader for one run that looks up each value once."""
    known: dict[str, object] = {}

    def remembered(value: object) -> object:
        key = str(value)
        if key not in known:
            try:
                known[key] = read(value)
            except BadValue as bad:
                known[key] = bad
        if isinstance(known[key], BadValue):
            raise BadValue(str(known[key]))
        return known[key]

    return remembered
