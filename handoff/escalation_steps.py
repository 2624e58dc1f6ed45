"""The steps of an escalation; `handoff.escalation.handlers` has a handler for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EscalationStep:
    code: str
    label: str


WARN: Final = EscalationStep("warn", "Warned the owner")
NOTIFY: Final = EscalationStep("tell", "Notified the owner and the manager")
REASSIGN: Final = EscalationStep("reassign", "Reassigned to another rep")
LAST_QUEUE: Final = EscalationStep("last_queue", "Moved to the last queue")

ESCALATION_STEPS: Final[dict[str, EscalationStep]] = {
    step.code: step for step in (WARN, NOTIFY, REASSIGN, LAST_QUEUE)
}


def choices() -> Iterable[tuple[str, str]]:
    """Return the choices of a model field; as a function, so that no step needs a migration."""
    return [(step.code, step.label) for step in ESCALATION_STEPS.values()]
