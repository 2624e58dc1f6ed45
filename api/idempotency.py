"""One answer per idempotency key, stored in the write that it answers for (N-44)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from api.keys import Caller, StoredAnswer
from api.models import IdempotentRequest
from core.errors import Refused
from core.purging import purge
from core.retries import with_retries
from core.unit_of_work import UnitOfWork
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


class _AnsweredMeanwhile(Exception):
    def __init__(self, stored: StoredAnswer) -> None:
        super().__init__()
        self.stored = stored


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def replay(stored: StoredAnswer, body_hash: str) -> Answer:
    """The first answer again, as long as the body is the first body."""
    if stored.body_hash != body_hash:
        raise KeyUsedBefore("This Idempotency-Key was used before with another body.")
    return Answer(stored.status, json.loads(stored.response), is_replay=True)


def take_in(touch: TouchIn, asked: Asked, *, at: datetime, via: str) -> Answer:
    """Receive the touch and store the answer with it; the loser of a race gets the winner's."""
    is_retry = False

    def finish(work: UnitOfWork, receipts: list[Receipt]) -> None:
        if asked.key:
            work.add(
                IdempotentRequest(
                    api_key_id=asked.caller.key_id,
                    key=asked.key,
                    body_hash=asked.body_hash,
                    status=CREATED,
                    response=response_to(receipts[0]),
                    created_at=at,
                )
            )

    def attempt() -> Receipt:
        nonlocal is_retry
        if is_retry and (stored := stored_answer(asked)):
            raise _AnsweredMeanwhile(stored)
        is_retry = True
        return receive(touch, at=at, via=via, finish=finish)

    try:
        return Answer(CREATED, response_to(with_retries(attempt)))
    except _AnsweredMeanwhile as answered:
        return replay(answered.stored, asked.body_hash)


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
