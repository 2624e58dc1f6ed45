"""Parts of the log that are counted together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from leads.models import LeadEvent

Position = tuple[int, int]


IN_SPAN: Final = f"""
    SELECT lead_id FROM {LeadEvent._meta.db_table}
    WHERE (transaction, id) > (%(after_transaction)s, %(after_id)s)
        AND (transaction, id) <= (%(up_to_transaction)s, %(up_to_id)s)
"""  # noqa: S608  (no input in it)


@dataclass(frozen=True)
class LogSpan:
    """Part of the log in (transaction, id) order, after one position and up to another.

    `only` and `without` are conditions on events: the span has the leads with such events, or not.
    """

    after: Position
    up_to: Position
    only: str = ""
    without: tuple[str, ...] = ()
    closed: datetime | None = None

    @property
    def leads(self) -> str:
        """Return the SQL condition on the events of all leads that the span touched."""
        touched = f"lead_id IN ({IN_SPAN}{f' AND {self.only}' if self.only else ''})"
        late = (f"lead_id NOT IN ({IN_SPAN} AND {condition})" for condition in self.without)
        return f"WHERE {' AND '.join([touched, *late])}"
