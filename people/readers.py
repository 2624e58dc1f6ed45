"""Readers as compiled queries take them: roles are part of the shape, ids are values."""

from __future__ import annotations

from typing import Any, NamedTuple

from people.models import User
from people.roles import Role


class ReaderShape(NamedTuple):
    """Decides which conditions a query has for its reader."""

    roles: frozenset[Role]
    is_active: bool
    is_superuser: bool
    has_known_teams: bool


def shape_of(user: User) -> ReaderShape:
    return ReaderShape(
        user.roles, user.is_active, user.is_superuser, user.known_team_ids is not None
    )


def values_of(user: User) -> dict[str, Any]:
    return {"reader_id": user.pk, "team_ids": user.known_team_ids or []}


def reader_of(shape: ReaderShape, *, reader_id: int, team_ids: list[int]) -> User:
    """Return a user with these rights, ids and teams, to build a query for."""
    user = User(pk=reader_id, is_active=shape.is_active, is_superuser=shape.is_superuser)
    user.roles = shape.roles
    user.known_team_ids = team_ids if shape.has_known_teams else None
    return user
