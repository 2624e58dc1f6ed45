"""Why published figures change. A new cause of late data is one entry in LATE."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from leads.events import REVERSED, AnswerUndone, ClockMet, ImportUndone, StageChanged


class Cause(NamedTuple):
    """`events` is the SQL condition on the events that change what was published."""

    code: str
    label: str
    events: str = ""


PROOF: Final = Cause("proof", "a recount found an error")
# In order: a lead with several of them is restated for the first one.
LATE: Final = (
    Cause(
        "corrected",
        "an attempt made in time was logged late",
        f"kind = '{ClockMet.EVENT.value}' AND payload @> '{{\"is_corrected\": true}}'",
    ),
    Cause(
        "reversed",
        "a won deal was reversed",
        f"kind = '{StageChanged.EVENT.value}' AND payload @> '{{\"why\": \"{REVERSED}\"}}'",
    ),
    Cause(
        "undone",
        "an import was taken back",
        f"kind = '{ImportUndone.EVENT.value}'",
    ),
    Cause(
        "taken_back",
        "an answer was taken back",
        # Only if the answer was counted before.
        f"kind = '{AnswerUndone.EVENT.value}'"
        " AND (payload -> 'taken_back' ->> 0)::bigint <= %(after_id)s",
    ),
    Cause(
        "backdated",
        "data was entered or imported after the month had ended",
        "occurred_at < %(closed)s",
    ),
)
CAUSES: Final = {cause.code: cause for cause in (PROOF, *LATE)}


def choices() -> Iterable[tuple[str, str]]:
    """Return the choices of a model field; as a function, so that no cause needs a migration."""
    return [(cause.code, cause.label) for cause in CAUSES.values()]
