"""People of another system, as users who cannot sign in."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from intake.imports.mapping import Person
from people.models import User

# Reserved by RFC 2606: mail to it reaches nobody.
NOWHERE = "imported.invalid"


def ids_of(wanted: Mapping[str, Person]) -> dict[str, int]:
    """The user of each external id; who is unknown is created, inactive and without password."""
    known = dict(User.objects.filter(external_id__in=wanted).values_list("external_id", "pk"))
    missing = {
        external_id: person for external_id, person in wanted.items() if external_id not in known
    }
    created = User.objects.bulk_create(
        User(
            email=f"{blake2b(external_id.encode(), digest_size=8).hexdigest()}@{NOWHERE}",
            name=f"{person.name} {external_id[:8]}",
            external_id=external_id,
            password=make_password(None),
            is_active=False,
        )
        for external_id, person in missing.items()
    )
    give_roles(created, missing)
    return {external_id: pk for external_id, pk in known.items() if external_id} | {
        str(user.external_id): user.pk for user in created
    }


def give_roles(created: list[User], people: Mapping[str, Person]) -> None:
    groups = dict(Group.objects.values_list("name", "pk"))
    membership = User.groups.through
    membership.objects.bulk_create(
        membership(user_id=user.pk, group_id=groups[people[str(user.external_id)].role.label])
        for user in created
    )
