"""Word the needs of a reason and the consequences of changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from core.formatting import counted, sentence
from handoff.models import OutcomeReason, RejectionReason
from leads.models import TouchKind

Reason = RejectionReason | OutcomeReason
THEY: Final = "Leads rejected with it from now on"
SIGNALS: Final = dict(TouchKind.choices)
NEEDS: Final = {
    "requires_note": "Needs a note",
    "requires_attempts": "Needs the attempts of the SLA policy",
    "credits_round_robin": "Gives the position in the round robin back",
}


def needs_of(reason: RejectionReason) -> list[str]:
    return [words for column, words in NEEDS.items() if getattr(reason, column)]


def days_of(reason: RejectionReason) -> int | None:
    """Return after how many days a lead may resurface; a closed lead never does."""
    return reason.cool_down_days if reason.sets_in_motion.keeps_lead_open else None


def days_words(reason: RejectionReason) -> str:
    """Return “after 180 days”, “never” or “without a date”."""
    if not reason.sets_in_motion.keeps_lead_open:
        return "never"
    days = days_of(reason)
    return "without a date" if days is None else f"after {counted(days, 'day', 'days')}"


def signals_of(reason: RejectionReason) -> list[str]:
    """Return the touches that end the wait of a lead; a closed lead does not wait."""
    kinds = reason.signal_kinds if reason.sets_in_motion.keeps_lead_open else []
    return [SIGNALS.get(kind, kind) for kind in kinds]


def quoted(labels: Iterable[str]) -> str:
    return ", ".join(f"“{label}”" for label in labels)


def changed_label(old: Reason, new: Reason) -> str:
    if old.label == new.label:
        return ""
    return f"“{new.label}” replaces “{old.label}” everywhere, also on earlier answers."


def changed_help(old: RejectionReason, new: RejectionReason) -> str:
    if old.help == new.help:
        return ""
    if not new.help:
        return "Reps no longer read when to use it."
    return f"Reps read when to use it: “{new.help}”"


def changed_key(old: RejectionReason, new: RejectionReason) -> str:
    if not new.is_active or old.key == new.key or new.key is None:
        return ""
    instead = f" instead of {old.key}" if old.key else ""
    return f"Reps type {new.key}{instead}."


def changed_route(old: RejectionReason, new: RejectionReason) -> str:
    if old.route == new.route:
        return ""
    before, after = old.sets_in_motion.consequence, new.sets_in_motion.consequence
    return f"From now on, leads rejected with “{new.label}”: {after} Until now: {before}"


def changed_days(old: RejectionReason, new: RejectionReason) -> str:
    if days_of(old) == days_of(new):
        return ""
    if days_of(new) is None:
        return f"{THEY} have no date to resurface. Until now it was {days_words(old)}."
    return f"{THEY} may resurface {days_words(new)} instead of {days_words(old)}."


def changed_signals(old: RejectionReason, new: RejectionReason) -> str:
    before, after = signals_of(old), signals_of(new)
    added = [label for label in after if label not in before]
    removed = [label for label in before if label not in after]
    words = [
        f"{THEY} are {start} offered to sales again at: {', '.join(labels)}."
        for start, labels in (("also", added), ("no longer", removed))
        if labels
    ]
    return " ".join(words)


def changed_fault(old: RejectionReason, new: RejectionReason) -> str:
    if old.fault == new.fault:
        return ""
    before, after = old.get_fault_display(), new.get_fault_display()
    return f"It counts as the fault of: {after} instead of {before}."


def switched(column: str, on: str, off: str) -> Callable[[Any, Any], str]:
    def words(old: Any, new: Any) -> str:
        if getattr(old, column) == getattr(new, column):
            return ""
        return on if getattr(new, column) else off

    return words


OF_ANY: Final[tuple[Callable[[Any, Any], str], ...]] = (changed_label,)
OF_REJECTIONS: Final[tuple[Callable[[Any, Any], str], ...]] = (
    changed_label,
    changed_help,
    changed_key,
    changed_route,
    changed_days,
    changed_signals,
    changed_fault,
    switched("requires_note", "Reps must add a note.", "Reps no longer have to add a note."),
    switched(
        "requires_attempts",
        "Reps can choose it only after the attempts that the SLA policy of the lead requires.",
        "Reps can choose it before they log any attempt.",
    ),
    switched(
        "credits_round_robin",
        "Reps get their position in the round robin back.",
        "Reps no longer get their position in the round robin back.",
    ),
)


def changes_wait(old: RejectionReason, new: RejectionReason) -> bool:
    """Return whether leads that wait from now on wait for something else than those before."""
    return (days_of(old), signals_of(old)) != (days_of(new), signals_of(new))


def waiting_words(number: int) -> str:
    if not number:
        return "No lead is waiting for its date now."
    if number == 1:
        return "The lead that is waiting keeps its date and its buying signals."
    leads = counted(number, "lead", "leads")
    return f"The {leads} that are waiting keep their dates and their buying signals."


def consequences(
    words: Iterable[Callable[[Any, Any], str]], old: Reason, new: Reason
) -> Iterator[str]:
    yield from (sentence(text) for of_change in words if (text := of_change(old, new)))
