"""Issue and revoke API keys, and find the caller of a request by its key."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from api.models import ApiKey, IdempotentRequest
from leads.configuration import STAMP_SQL
from leads.external_ids import ensure_system
from leads.models import Source, SourceSystem
from people.models import User

SECRET_PREFIX: Final = "hk_"  # noqa: S105  (not a secret)
PREFIX_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer stored for an idempotency key; `response` is JSON text."""

    body_hash: str
    status: int
    response: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The key of a request, the configuration stamp, and the answer stored for a repeat."""

    key_id: int
    hash: str
    scopes: frozenset[str]
    requests_per_minute: int
    source: str
    system: str
    stamp: int | None
    stored_answer: StoredAnswer | None

    @property
    def is_authenticated(self) -> bool:
        return True


def issue_key(
    name: str,
    scopes: Collection[str],
    source: Source | None = None,
    by: User | None = None,
    *,
    system: SourceSystem | None = None,
    requests_per_minute: int | None = None,
) -> tuple[ApiKey, str]:
    """Create a key and return it with its secret, which is not stored.

    Without a source system, it sends the external ids of one that has the name of the key.
    Raise ValidationError for bad values: the database driver would store only the last 32 bits of
    a number that is too large for its column.
    """
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    limits = {} if requests_per_minute is None else {"requests_per_minute": requests_per_minute}
    key = ApiKey(
        name=name.strip(),
        prefix=secret[:PREFIX_LENGTH],
        hash=hash_secret(secret),
        scopes=[ApiKey.Scope(scope).value for scope in scopes],
        default_source=source,
        source_system=system,
        created_by=by,
        **limits,
    )
    if system is None:
        key.full_clean(exclude=["source_system"])
        key.source_system_id = ensure_system(key.name)
    key.full_clean()
    key.save()
    return key, secret


def revoke_key(key: ApiKey, *, at: datetime) -> None:
    """Revoke a key; a key that is already revoked keeps its time."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at)
    key.refresh_from_db(fields=["revoked_at"])


def hash_secret(secret: str) -> str:
    # The secret has 256 random bits, so a fast hash is safe.
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()


# Raw SQL, because every request runs it: the key, the configuration stamp and the stored answer of
# a repeat come in one statement.
CALLER_SQL: Final = f"""
SELECT key.id, key.hash, key.scopes, key.requests_per_minute, COALESCE(source.code, ''),
    key.source_system_id, {STAMP_SQL}, stored.body_hash, stored.status, stored.response::text
FROM {ApiKey._meta.db_table} AS key
LEFT JOIN {Source._meta.db_table} AS source ON source.id = key.default_source_id
LEFT JOIN {IdempotentRequest._meta.db_table} AS stored
    ON stored.api_key_id = key.id AND stored.key = %s
WHERE key.hash = %s AND key.revoked_at IS NULL
"""  # noqa: S608  (no input in it)


def find_caller(secret: str, idempotency_key: str) -> Caller | None:
    """Find the caller and the answer stored for this idempotency key, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(CALLER_SQL, [idempotency_key, hash_secret(secret)])
        row = cursor.fetchone()
    return caller_from(row) if row else None


def caller_from(row: tuple[Any, ...]) -> Caller:
    key_id, hashed, scopes, rate, source, system, stamp, body_hash, status, response = row
    return Caller(
        key_id=key_id,
        hash=hashed,
        scopes=frozenset(scopes),
        requests_per_minute=rate,
        source=source,
        system=system,
        stamp=stamp,
        stored_answer=StoredAnswer(body_hash, status, response) if body_hash else None,
    )
