"""People of another system as users who cannot sign in."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from intake.imports.mapping import PersonColumn
from people.models import User

# Reserved by RFC 2606, so mail to it is never delivered.
UNDELIVERABLE_DOMAIN: Final = "imported.invalid"


def ensure_user_ids(people: Mapping[str, PersonColumn]) -> dict[str, int]:
    """Return the user id of each external id; create unknown users, inactive, without password."""
    known = dict(User.objects.filter(external_id__in=people).values_list("external_id", "pk"))
    missing = {
        external_id: person for external_id, person in people.items() if external_id not in known
    }
    created = User.objects.bulk_create(
        User(
            email=(
                f"{blake2b(external_id.encode(), digest_size=8).hexdigest()}@{UNDELIVERABLE_DOMAIN}"
            ),
            name=f"{person.name} {external_id[:8]}",
            external_id=external_id,
            password=make_password(None),
            is_active=False,
        )
        for external_id, person in missing.items()
    )
    add_roles(created, missing)
    return {external_id: pk for external_id, pk in known.items() if external_id} | {
        str(user.external_id): user.pk for user in created
    }


def add_roles(users: list[User], people: Mapping[str, PersonColumn]) -> None:
    groups = dict(Group.objects.values_list("name", "pk"))
    membership = User.groups.through
    membership.objects.bulk_create(
        membership(user_id=user.pk, group_id=groups[people[str(user.external_id)].role.label])
        for user in users
    )
