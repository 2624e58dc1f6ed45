"""Compare two recorded states of a reason, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from core.versioning.difference import Detail, list_detail, value_detail
from handoff.admin.reason_editor.words import SIGNALS
from handoff.models import RejectionReason
from handoff.rejection_routes import ROUTES


def yes_or_no(value: Any) -> str:
    return "yes" if value else "no"


def number_text(value: int | None) -> str:
    return "" if value is None else str(value)


def route_label(code: str) -> str:
    return ROUTES[code].label if code in ROUTES else code


def fault_label(code: str) -> str:
    return str(dict(RejectionReason.Fault.choices).get(code, code))


# A state of a loss reason has some of them.
TEXTS: Final[Mapping[str, tuple[str, Callable[[Any], str]]]] = {
    "label": ("Label", str),
    "help": ("When to use it", str),
    "key": ("Key", number_text),
    "route": ("Follow-up", route_label),
    "cool_down_days": ("Days before it may resurface", number_text),
    "fault": ("Fault of", fault_label),
    "requires_note": ("Needs a note", yes_or_no),
    "requires_attempts": ("Needs attempts", yes_or_no),
    "credits_round_robin": ("Gives the position back", yes_or_no),
}


def details_between(old: Any, new: Any) -> Iterator[Detail]:
    for column, (label, text) in TEXTS.items():
        if hasattr(new, column):
            yield from value_detail(label, text(getattr(old, column)), text(getattr(new, column)))
    before, after = getattr(old, "signal_kinds", ()), getattr(new, "signal_kinds", ())
    yield from list_detail(
        "Buying signals",
        (SIGNALS.get(kind, kind) for kind in before),
        (SIGNALS.get(kind, kind) for kind in after),
    )
