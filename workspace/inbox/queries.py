"""Query open handoffs for lists: one statement, plain values, no model instances.

Raw SQL, because building this query takes the ORM longer than the database takes to run it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from core.raw_sql import BoundQuery, fetch_rows
from handoff.clock_kinds import CLOCK_KINDS
from handoff.models import Handoff
from handoff.sla.deadlines import Deadline
from leads.contact_names import CALLED_SQL
from people.covers import COVERED_SQL
from people.models import User

LINE_LENGTH: Final = 160
MAX_READ: Final = 1_000  # open handoffs of a person in a state, the first due


class Part(StrEnum):
    """The parts of an inbox, in their order on the page."""

    TO_ANSWER = "to_answer"
    TO_CONTACT = "to_contact"
    COVERED = "covered"
    IN_PROGRESS = "in_progress"


class InboxRow(NamedTuple):
    """An open handoff with the clock that is due first; often none runs after first contact."""

    handoff_id: int
    lead_id: int
    state: str
    stage: str
    who: str
    title: str
    company: str | None
    lead_type: str | None
    temperature: str
    score: int
    problem: str | None
    engaged: str | None
    attempts: int
    offered_at: datetime
    owner: str | None
    queue_id: int | None
    clock: str | None
    due_at: datetime | None
    warn_at: datetime | None
    started_at: datetime | None
    calendar_id: int | None
    new_request_at: datetime | None
    company_id: int | None
    owner_id: int | None
    part: str = ""
    part_count: int = 0
    part_late: int = 0

    @property
    def line(self) -> str:
        """Return the first line of the context card: the problem, else the content engaged."""
        return ((self.problem or self.engaged or "").splitlines() or [""])[0]

    @property
    def is_offered(self) -> bool:
        return self.state == Handoff.State.OFFERED

    @property
    def waits_for(self) -> str:
        return CLOCK_KINDS[self.clock].waits_for if self.clock else ""

    def deadline(self, now: datetime) -> Deadline | None:
        if self.clock is None or not (self.due_at and self.warn_at and self.started_at):
            return None
        return Deadline.of(
            CLOCK_KINDS[self.clock],
            started_at=self.started_at,
            warn_at=self.warn_at,
            due_at=self.due_at,
            calendar_id=self.calendar_id,
            now=now,
        )


# Names in subqueries, as planning more joins takes longer than finding fifty rows; but not those of
# users, a table so small that each subquery would read all of it.
COLUMNS_SQL: Final = f"""
    handoff.id, lead.id, handoff.state, lead.stage, {CALLED_SQL}, contact.title,
    (SELECT name FROM leads_company WHERE id = lead.company_id),
    (SELECT name FROM leads_leadtype WHERE id = lead.lead_type_id),
    lead.temperature, lead.score,
    left(card.problem_indicated, {LINE_LENGTH}), left(card.content_engaged, {LINE_LENGTH}),
    handoff.attempt_count, handoff.offered_at,
    owner.name, handoff.queue_id,
    clock.kind, clock.due_at, clock.warn_at, clock.started_at, clock.calendar_id,
    CASE WHEN handoff.new_request_contacted_at IS NULL THEN handoff.new_request_at END,
    lead.company_id, handoff.owner_id
"""  # noqa: S608  (no input in it)
# The clock of a handoff that is due first.
CLOCK_SQL: Final = """
LEFT JOIN LATERAL (
    SELECT kind, due_at, warn_at, started_at, calendar_id FROM handoff_slaclock
    WHERE handoff_id = handoff.id AND stopped_at IS NULL ORDER BY due_at LIMIT 1
) AS clock ON true
"""
ABOUT_SQL: Final = """
JOIN leads_lead AS lead ON lead.id = handoff.lead_id
JOIN leads_contact AS contact ON contact.id = lead.contact_id
LEFT JOIN leads_contextcard AS card ON card.lead_id = lead.id
LEFT JOIN people_user AS owner ON owner.id = handoff.owner_id
"""
FROM_SQL: Final = f"FROM handoff_handoff AS handoff {ABOUT_SQL} {CLOCK_SQL}"
PART_SQL: Final = """
CROSS JOIN LATERAL (SELECT CASE
    WHEN handoff.owner_id <> %(user)s THEN 'covered'
    WHEN handoff.state = 'offered' THEN 'to_answer'
    WHEN handoff.due_at IS NOT NULL THEN 'to_contact'
    ELSE 'in_progress'
END AS code) AS part
"""
BY_URGENCY: Final = "clock.due_at NULLS LAST, lead.score DESC, handoff.id"


def first_due_sql(most: str) -> str:
    """Join the open handoffs of a `person` that are due first, `most` of each state.

    They are two ranges of an index.
    """
    return f"""
CROSS JOIN (VALUES ('offered'), ('accepted')) AS open(state)
CROSS JOIN LATERAL (
    SELECT id, owner_id, lead_id, state, due_at FROM handoff_handoff
    WHERE owner_id = person.id AND state = open.state AND closed_at IS NULL
    ORDER BY due_at, id LIMIT {most}
) AS handoff
"""  # noqa: S608  (no input in it)


# Only rows that are returned are joined with their contacts. The people are joined, too: PostgreSQL
# takes an array of unknown length for a long one and reads all leads.
INBOX_SQL: Final = f"""
SELECT {COLUMNS_SQL}, placed.code, placed.part_count, placed.part_late
FROM (
    SELECT handoff.id, part.code,
        count(*) OVER (PARTITION BY part.code) AS part_count,
        count(*) FILTER (WHERE handoff.due_at <= %(at)s)
            OVER (PARTITION BY part.code) AS part_late,
        row_number() OVER (
            PARTITION BY part.code
            ORDER BY handoff.due_at NULLS LAST, lead.score DESC, handoff.id
        ) AS place
    FROM (SELECT %(user)s::bigint AS id UNION {COVERED_SQL}) AS person
    {first_due_sql("%(most)s")}
    JOIN leads_lead AS lead ON lead.id = handoff.lead_id
    {PART_SQL}
) AS placed
JOIN handoff_handoff AS handoff ON handoff.id = placed.id
{ABOUT_SQL} {CLOCK_SQL}
WHERE placed.place <= %(limit)s
ORDER BY array_position(%(parts)s::text[], placed.code), placed.place
"""  # noqa: S608  (no input in it)
# Counts and cuts each queue on its own.
WAITING_SQL: Final = f"""
SELECT * FROM (
    SELECT {COLUMNS_SQL}, '', count(*) OVER (PARTITION BY handoff.queue_id), 0,
        row_number() OVER (PARTITION BY handoff.queue_id ORDER BY {{order}}, {BY_URGENCY}) AS place
    {FROM_SQL}
    WHERE handoff.closed_at IS NULL AND handoff.state = 'offered' AND handoff.owner_id IS NULL
        AND handoff.queue_id = ANY(%s)
) AS row
WHERE place > %s AND place <= %s
ORDER BY place
"""  # noqa: S608  (no input in it)
WAITING_ORDERS: Final[Mapping[str, str]] = {
    "due": "clock.due_at",
    "name": f"lower({CALLED_SQL})",
    "company": "lower((SELECT name FROM leads_company WHERE id = lead.company_id))",
    "score": "lead.score",
    "waiting": "handoff.offered_at",
}


def inbox_rows(user: User, limit: int, *, at: datetime) -> list[InboxRow]:
    """Return the open handoffs of a rep and of whom they cover for, by part, time left and score.

    At most `limit` of each part, of MAX_READ in a state of each person; so counts may be too low.
    """
    return inbox_query(user, limit, at=at).fetch()


def inbox_query(user: User, limit: int, *, at: datetime) -> BoundQuery[InboxRow]:
    params = {"user": user.pk, "at": at, "limit": limit, "most": MAX_READ, "parts": list(Part)}
    return BoundQuery(INBOX_SQL, params, lambda rows: [InboxRow(*row) for row in rows])


def waiting_rows(
    team_ids: Collection[int], order: str, *, size: int, page: int = 1
) -> list[InboxRow]:
    """Return a page of each queue; `part_count` is how many wait in the queue of the row."""
    direction = "DESC" if order.startswith("-") else "ASC"
    sql = WAITING_SQL.replace(
        "{order}", f"{WAITING_ORDERS[order.removeprefix('-')]} {direction} NULLS LAST"
    )
    records = fetch_rows(sql, [list(team_ids), (page - 1) * size, page * size])
    return [InboxRow(*row[:-1]) for row in records]


class QueueCount(NamedTuple):
    team_id: int
    team: str
    waiting: int


QUEUES_SQL: Final = """
SELECT team.id, team.name, count(*)
FROM people_team AS team
JOIN handoff_handoff AS handoff ON handoff.queue_id = team.id
    AND handoff.closed_at IS NULL AND handoff.state = 'offered' AND handoff.owner_id IS NULL
WHERE team.manager_id = %s
    OR EXISTS (SELECT FROM people_membership WHERE team_id = team.id AND user_id = %s)
GROUP BY team.id ORDER BY team.name
"""


def queues_query(user: User) -> BoundQuery[QueueCount]:
    """Count the offers in each non-empty queue that the user can pull from."""
    params = [user.pk, user.pk]
    return BoundQuery(QUEUES_SQL, params, lambda rows: [QueueCount(*row) for row in rows])
