"""API keys: issue, revoke, and recognize one, along with the answer it was given before."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from api.models import ApiKey
from leads.configuration import STAMP_SQL
from leads.models import Source
from people.models import User

SECRET_PREFIX: Final = "hk_"  # noqa: S105  (not a secret)
PREFIX_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The first answer to an idempotency key; `response` is JSON text."""

    body_hash: str
    status: int
    response: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds the key, what it may do, and the configuration stamp read with it."""

    key_id: int
    hash: str
    scopes: frozenset[str]
    requests_per_minute: int
    source: str
    stamp: int | None
    answer: StoredAnswer | None

    @property
    def is_authenticated(self) -> bool:
        return True


def issue_key(
    name: str,
    scopes: Collection[str],
    source: Source | None = None,
    by: User | None = None,
    *,
    requests_per_minute: int | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is nowhere kept and cannot be shown again.

    Checked here: PostgreSQL's driver cuts a number too large for its column to its last 32 bits.
    """
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    limits = {} if requests_per_minute is None else {"requests_per_minute": requests_per_minute}
    key = ApiKey(
        name=name.strip(),
        prefix=secret[:PREFIX_LENGTH],
        hash=hash_of(secret),
        scopes=[ApiKey.Scope(scope).value for scope in scopes],
        default_source=source,
        created_by=by,
        **limits,
    )
    key.full_clean()
    key.save()
    return key, secret


def revoke_key(key: ApiKey, *, at: datetime) -> None:
    """A revoked key stays revoked, since the moment it first was."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at)
    key.refresh_from_db(fields=["revoked_at"])


def hash_of(secret: str) -> str:
    # The secret is 256 random bits: a plain hash cannot be turned back, a slow one would only cost.
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()


RECOGNISE: Final = f"""
SELECT key.id, key.hash, key.scopes, key.requests_per_minute, COALESCE(source.code, ''),
    {STAMP_SQL}, answered.body_hash, answered.status, answered.response::text
FROM api_apikey AS key
LEFT JOIN leads_source AS source ON source.id = key.default_source_id
LEFT JOIN api_idempotentrequest AS answered
    ON answered.api_key_id = key.id AND answered.key = %s
WHERE key.hash = %s AND key.revoked_at IS NULL
"""  # noqa: S608  (no input in it)


def recognize(secret: str, idempotency_key: str) -> Caller | None:
    """Who calls, and what they were told before under this idempotency key; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(RECOGNISE, [idempotency_key, hash_of(secret)])
        row = cursor.fetchone()
    return caller_of(row) if row else None


def caller_of(row: tuple[Any, ...]) -> Caller:
    key_id, hashed, scopes, rate, source, stamp, body_hash, status, response = row
    return Caller(
        key_id=key_id,
        hash=hashed,
        scopes=frozenset(scopes),
        requests_per_minute=rate,
        source=source,
        stamp=stamp,
        answer=StoredAnswer(body_hash, status, response) if body_hash else None,
    )
