"""Ask before nearly all lines of a file become touches a second time.

That is a file that was imported under another name or with other columns: the same contacts doing
the same at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q

from core.formatting import count_text
from intake.imports.mapping import BadMap
from leads.models import ExternalId, Touch
from leads.touches import TouchIn
from leads.undone import without_undone

SAMPLE_SIZE: Final = 1_000
MIN_LINES: Final = 20
MAX_SHARE: Final = 0.9

TouchKey = tuple[str, str, datetime | None]


class NearlyAllKnown(BadMap):
    """Nearly all lines repeat touches that are known; the message asks whether to go on."""


def refuse_if_known(touches: Sequence[TouchIn], *, compares_dates: bool) -> None:
    if len(touches) < MIN_LINES:
        return
    known = known_keys(touches, compares_dates=compares_dates)
    count = sum(not known.isdisjoint(keys_of(touch, compares_dates)) for touch in touches)
    if count >= MAX_SHARE * len(touches):
        when = " at the same time" if compares_dates else ""
        raise NearlyAllKnown(
            f"{count_text(count)} of the first {count_text(len(touches))} new lines are touches "
            f"that are known already: the same contact did the same{when}. They would be counted "
            "twice."
        )


def keys_of(touch: TouchIn, compares_dates: bool) -> set[TouchKey]:
    who = {touch.email, touch.external_id and f"{touch.system}:{touch.external_id}"} - {""}
    at = touch.occurred_at if compares_dates else None
    return {(name, touch.kind, at) for name in who}


def known_keys(touches: Sequence[TouchIn], *, compares_dates: bool) -> set[TouchKey]:
    ids = ExternalId.objects.filter(
        is_conflict=False, value__in=[touch.external_id for touch in touches if touch.external_id]
    )
    names = {external_id.contact_id: str(external_id) for external_id in ids}
    emails = [touch.email for touch in touches if touch.email]
    stored = Touch.objects.filter(Q(contact__email__in=emails) | Q(contact__in=names))
    rows = without_undone(stored).values_list("contact", "contact__email", "kind", "occurred_at")
    return {
        (who, kind, at if compares_dates else None)
        for contact_id, email, kind, at in rows
        for who in (email, names.get(contact_id))
        if who
    }
