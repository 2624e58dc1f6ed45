"""Count the touches of a lead by kind, from the touches themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leads.models import Touch


def signals_of(touches: Iterable[Touch]) -> dict[str, Any]:
    """Return the signals of a lead with these touches, oldest first."""
    signals: dict[str, Any] = {}
    for touch in touches:
        codes = (row.code if row else "" for row in (touch.lead_type, touch.campaign))
        signals[touch.kind] = {
            "count": signals.get(touch.kind, {"count": 0})["count"] + 1,
            "last": touch.occurred_at.isoformat(),
            "what": [*codes, touch.offer, touch.landing_page],
        }
    return signals
