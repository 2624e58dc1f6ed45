"""One answer per idempotency key, stored in the write that it answers for (N-44)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from api.keys import Caller, StoredAnswer
from api.models import IdempotentRequest
from core.errors import Refused
from core.purging import purge
from core.retries import with_retries
from handoff.pipeline import Receipt, receive
from leads.touches import TouchIn

CREATED: Final = 201
# README says it to clients, too.
REMEMBERED_FOR: Final = timedelta(days=7)


class KeyUsedBefore(Refused):
    code = "idempotency_key_used"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    response: dict[str, Any]
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that must be answered once; an empty key means every time anew."""

    caller: Caller
    key: str
    body_hash: str


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def replay(stored: StoredAnswer, body_hash: str) -> Answer:
    """The first answer again, as long as the body is the first body."""
    if stored.body_hash != body_hash:
        raise KeyUsedBefore("This Idempotency-Key was used before with another body.")
    return Answer(stored.status, json.loads(stored.response), is_replay=True)


def take_in(touch: TouchIn, asked: Asked, *, at: datetime, via: str) -> Answer:
    """Receive the touch and store the answer with it; the loser of a race gets the winner's."""

    def answer(receipts: list[Receipt]) -> list[IdempotentRequest]:
        if not asked.key:
            return []
        stored = IdempotentRequest(
            api_key_id=asked.caller.key_id,
            key=asked.key,
            body_hash=asked.body_hash,
            status=CREATED,
            response=response_to(receipts[0]),
            created_at=at,
        )
        return [stored]

    tries = count(1)

    def attempt() -> Answer:
        if next(tries) > 1 and (stored := stored_answer(asked)):
            return replay(stored, asked.body_hash)
        return Answer(CREATED, response_to(receive(touch, at=at, via=via, also_write=answer)))

    return with_retries(attempt)


def stored_answer(asked: Asked) -> StoredAnswer | None:
    row = IdempotentRequest.objects.filter(api_key=asked.caller.key_id, key=asked.key).first()
    return StoredAnswer(row.body_hash, row.status, json.dumps(row.response)) if row else None


def purge_answers(*, at: datetime) -> int:
    """So long after its first use a key is free again."""
    return purge(IdempotentRequest.objects.filter(created_at__lt=at - REMEMBERED_FOR))


def response_to(receipt: Receipt) -> dict[str, Any]:
    return {
        "touch": receipt.touch_id,
        "contact": receipt.contact_id,
        "lead": receipt.lead_id,
        "is_new": receipt.is_new,
        "stage": receipt.stage,
        "score": receipt.score,
        "owner": receipt.owner_id,
        "queue": receipt.queue_id,
        "handoff": receipt.handoff_id,
    }
