"""Divide the rows of an inbox into its parts, and find the row that follows another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from workspace.inbox.queries import InboxRow, Part


class PartText(NamedTuple):
    """`shown`: how many rows fit on a phone with those of the other parts."""

    title: str
    hint: str
    shown: int


TEXTS: Final = {
    Part.TO_ANSWER: PartText("To answer", "Accept, reject, or cannot evaluate", 20),
    Part.TO_CONTACT: PartText("To contact", "Accepted, contact not made yet", 10),
    Part.COVERED: PartText("Covered", "Leads of colleagues who are away", 10),
    Part.IN_PROGRESS: PartText("In progress", "Contacted, by score", 5),
}
MAX_SHOWN: Final = max(text.shown for text in TEXTS.values())


@dataclass(frozen=True, slots=True)
class InboxPart:
    code: Part
    count: int
    late: int
    rows: Sequence[InboxRow]

    @property
    def title(self) -> str:
        return TEXTS[self.code].title

    @property
    def hint(self) -> str:
        return TEXTS[self.code].hint

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def parts_of(
    rows: Sequence[InboxRow], *, show_all: bool = False, opened: InboxRow | None = None
) -> list[InboxPart]:
    """Return the parts that have rows; the open row is always among those shown."""
    parts = []
    for code, text in TEXTS.items():
        members = [row for row in rows if row.part == code]
        if not members:
            continue
        last = members.index(opened) + 1 if opened in members else 0
        shown = members if show_all else members[: max(text.shown, last)]
        parts.append(InboxPart(code, members[0].part_count, members[0].part_late, shown))
    return parts


def following(rows: Sequence[InboxRow], lead_id: int) -> InboxRow | None:
    """Return the next row of the same part, else the first of the inbox that is another lead."""
    row = next((row for row in rows if row.lead_id == lead_id), None)
    others = [other for other in rows if other.lead_id != lead_id]
    if row is not None:
        after = rows[rows.index(row) + 1 :]
        others = [other for other in after if other.part == row.part] + others
    return others[0] if others else None
