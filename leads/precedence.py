"""Decide whether a statement becomes the present value of a contact or company.

What a person edited stays. Among statements the latest counts, whatever order they arrive in.
Consent is the exception: it can be withdrawn and given again, also after an edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

LATEST_COUNTS: Final = frozenset({"consent"})


@dataclass(frozen=True, slots=True)
class Origin:
    """When the present value was stated, or which user edited it when."""

    at: datetime
    edited_by: int | None = None

    def to_json(self) -> dict[str, Any]:
        editor = {} if self.edited_by is None else {"by": self.edited_by}
        return {"at": self.at.isoformat(), **editor}


def origin_of(field: str, stored: Mapping[str, Any], *, default_at: datetime) -> Origin:
    """Return the origin of a field; values without one count as stated at `default_at`."""
    origin = stored.get(field)
    if origin is None:
        return Origin(default_at)
    return Origin(datetime.fromisoformat(origin["at"]), origin.get("by"))


def replaces(field: str, new: Origin, present: Origin) -> bool:
    if field in LATEST_COUNTS:
        return new.at >= present.at
    return (new.edited_by is not None, new.at) >= (present.edited_by is not None, present.at)
