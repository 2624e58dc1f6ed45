"""Parts of the log that are counted together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.raw_sql import fetch_rows
from leads.models import LeadEvent
from reporting.facts.lead_sets import LeadIds

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
    def touched(self) -> str:
        """Return the SQL of the leads that the span touched."""
        only = f" AND {self.only}" if self.only else ""
        late = (f" AND lead_id NOT IN ({IN_SPAN} AND {condition})" for condition in self.without)
        return f"{IN_SPAN}{only}{''.join(late)}"

    @property
    def leads(self) -> str:
        """Return the SQL condition on the rows of those leads."""
        return f"WHERE lead_id IN ({self.touched})"

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters of the SQL."""
        return {
            "after_transaction": self.after[0],
            "after_id": self.after[1],
            "up_to_transaction": self.up_to[0],
            "up_to_id": self.up_to[1],
            "closed": self.closed,
        }

    def lead_ids(self) -> LeadIds:
        sql = f"SELECT DISTINCT lead_id FROM ({self.touched}) AS touched"  # noqa: S608  (no input in it)
        return LeadIds([lead_id for (lead_id,) in fetch_rows(sql, self.values)])
