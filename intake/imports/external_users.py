"""People of another system: users here by their email address, name or id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass
from hashlib import blake2b
from itertools import filterfalse
from typing import Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef

from intake.imports.mapping import PersonColumn
from intake.imports.reader import folded_name
from leads.normalization.values import quoted
from people.availability import ANSWERING_ROLES
from people.models import User
from people.roles import Role

# Reserved by RFC 2606, so mail to it is never delivered.
UNDELIVERABLE_DOMAIN: Final = "imported.invalid"
MAX_NAME_LENGTH: Final = 150


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person who only exists in history."""

    name: str
    role: Role = Role.REP


class Owners:
    """Users of this installation, by what a file may call them; read once for each batch.

    A user who only exists in history gives way to one of the same name. Each transaction adds
    former users to a copy, for they are lost with it.
    """

    def __init__(self) -> None:
        may_answer = User.groups.through.objects.filter(
            user=OuterRef("pk"), group__name__in=ANSWERING_ROLES
        )
        named = User.objects.only("name", "email", "external_id", "is_active")
        users = list(named.annotate(may_answer=Exists(may_answer)).order_by("pk"))
        self._ids: dict[str, int] = {}
        self._ambiguous: set[str] = set()
        for group in (filter(is_only_history, users), filterfalse(is_only_history, users)):
            self._add(list(group))
        self.who_answer = {user.pk for user in users if user.is_active and user.may_answer}

    def _add(self, users: Collection[User]) -> None:
        """Add users whose names count more than those of users added before."""
        names = Counter(folded_name(user.name) for user in users)
        ids = {folded_name(user.name): user.pk for user in users}
        ids |= {user.external_id.casefold(): user.pk for user in users if user.external_id}
        ids |= {user.email.casefold(): user.pk for user in users}
        self._ids |= ids
        self._ambiguous -= ids.keys()
        self._ambiguous |= {name for name, count in names.items() if count > 1}

    def copy(self) -> Owners:
        twin = copy(self)
        twin._ids = dict(self._ids)
        return twin

    def find(self, text: str) -> int | None:
        word = folded_name(text)
        return None if word in self._ambiguous else self._ids.get(word)

    def problem(self, text: str, *, is_open: bool) -> str:
        """Return why the person cannot own the lead. Anyone may own a closed one."""
        if folded_name(text) in self._ambiguous:
            return f"Several users are called {quoted(text)}. Use their email addresses."
        if not is_open or self.find(text) in self.who_answer:
            return ""
        return f"{quoted(text)} is not an active rep here, so the open lead gets no owner."

    def add_former(self, texts: set[str]) -> None:
        """Create users who cannot sign in for unknown owners of closed leads."""
        spelled = {folded_name(text): text for text in sorted(texts)}
        unknown = {
            text: NewUser(text[:MAX_NAME_LENGTH])
            for word, text in spelled.items()
            if word not in self._ids
        }
        for text, user_id in ensure_user_ids(unknown).items():
            self._ids[folded_name(text)] = user_id


def is_only_history(user: User) -> bool:
    """Check that an import made the user, who cannot sign in."""
    return not user.is_active and user.email.endswith(f"@{UNDELIVERABLE_DOMAIN}")


def ensure_person_ids(people: Mapping[str, PersonColumn]) -> dict[str, int]:
    """Return the user id of each external id in a column of people."""
    return ensure_user_ids(
        {
            external_id: NewUser(f"{person.name} {external_id[:8]}", person.role)
            for external_id, person in people.items()
        }
    )


def ensure_user_ids(people: Mapping[str, NewUser]) -> dict[str, int]:
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
            name=person.name,
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


def add_roles(users: list[User], people: Mapping[str, NewUser]) -> None:
    if not users:
        return
    groups = dict(Group.objects.values_list("name", "pk"))
    membership = User.groups.through
    membership.objects.bulk_create(
        membership(user_id=user.pk, group_id=groups[people[str(user.external_id)].role.label])
        for user in users
    )
