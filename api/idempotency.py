"""Answer each idempotency key once: the answer is stored in the transaction of the touch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
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
# Documented for clients in the README and in the API documentation.
REMEMBERED_FOR: Final = timedelta(days=7)


class KeyUsedBefore(Refused):
    code = "idempotency_key_used"


@dataclass(frozen=True, slots=True)
class TouchAnswer:
    status: int
    response: dict[str, Any]
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class IdempotentCall:
    """A request to answer once; with an empty key, each time anew."""

    caller: Caller
    key: str
    body_hash: str


def hash_values(values: Mapping[str, Any]) -> str:
    """Hash what a body says, whatever the order of its keys, its layout and its escapes."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def hash_bytes(body: bytes) -> str:
    """Hash a body as the first release did, for the keys that it stored."""
    return hashlib.sha256(body).hexdigest()


def replay(stored: StoredAnswer, *hashes: str) -> TouchAnswer:
    """Return the stored answer; raise KeyUsedBefore if the body differs from the first one."""
    if stored.body_hash not in hashes:
        raise KeyUsedBefore("This Idempotency-Key was already used with another body.")
    return TouchAnswer(stored.status, json.loads(stored.response), is_replay=True)


def receive_once(touch: TouchIn, call: IdempotentCall, *, at: datetime, via: str) -> TouchAnswer:
    """Receive the touch and store the answer; after a lost race, return the winner's answer."""
    attempts = count()

    def attempt() -> TouchAnswer:
        # Authentication found no stored answer, so only a repeated attempt looks for one.
        is_repeated = next(attempts) > 0
        if is_repeated and (stored := find_stored_answer(call)):
            return replay(stored, call.body_hash)
        receipt = receive(
            touch,
            at=at,
            via=via,
            also_write=lambda receipts: stored_answers(call, touch, receipts, at),
        )
        return TouchAnswer(CREATED, response_to(receipt, touch))

    return with_retries(attempt)


def stored_answers(
    call: IdempotentCall, touch: TouchIn, receipts: list[Receipt], at: datetime
) -> list[IdempotentRequest]:
    if not call.key:
        return []
    return [
        IdempotentRequest(
            api_key_id=call.caller.key_id,
            key=call.key,
            body_hash=call.body_hash,
            status=CREATED,
            response=response_to(receipt, touch),
            created_at=at,
        )
        for receipt in receipts
    ]


def find_stored_answer(call: IdempotentCall) -> StoredAnswer | None:
    row = IdempotentRequest.objects.filter(api_key=call.caller.key_id, key=call.key).first()
    return StoredAnswer(row.body_hash, row.status, json.dumps(row.response)) if row else None


def purge_answers(*, at: datetime) -> int:
    """Delete answers older than REMEMBERED_FOR, so that their keys can be used again."""
    return purge(IdempotentRequest.objects.filter(created_at__lt=at - REMEMBERED_FOR))


def response_to(receipt: Receipt, touch: TouchIn) -> dict[str, Any]:
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
        "set_aside": list(touch.set_aside),
    }
