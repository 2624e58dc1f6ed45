"""The read of "read, decide, write": all that capturing touches needs, in one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

from leads.configuration import STAMP_SQL
from leads.models import Company, Contact, ContextCard, Lead
from leads.touches import TouchIn

M = TypeVar("M", bound=models.Model)

OWN_IDS = {
    "contact": "nextval('leads_contact_id_seq')",
    "company": "nextval('leads_company_id_seq')",
    "lead": "nextval('leads_lead_id_seq')",
    "touch": "nextval('leads_touch_id_seq')",
}


@dataclass(slots=True)
class ContactState:
    """What is known of the one who touched, locked in the order contact, lead.

    `ids` are taken from the tables' sequences for the rows that may be written; `also` holds
    what the caller asked for beside.
    """

    contact: Contact | None = None
    company: Company | None = None
    lead: Lead | None = None
    card: ContextCard | None = None
    score_id: int | None = None
    predecessor_id: int | None = None
    external_id_is_taken: bool = False
    domain_is_taken: bool = False
    ids: dict[str, int] = field(default_factory=dict)
    also: dict[str, Any] = field(default_factory=dict)


def read_contact_states(
    touches: Sequence[TouchIn], also: Mapping[str, str]
) -> tuple[list[ContactState], int | None]:
    """One state a touch, in their order, and the configuration stamp of the same snapshot.

    `also` are further SQL expressions by name; they may refer to `lead.id` and `contact.id`.
    """
    wanted = [
        {
            "n": n,
            "email": touch.email or None,
            "external_id": touch.external_id or None,
            "phone": touch.phone or None,
            "domain": touch.domain or None,
        }
        for n, touch in enumerate(touches)
    ]
    with connection.cursor() as cursor:
        cursor.execute(contact_state_sql(tuple(also.items())), [json.dumps(wanted)])
        rows = cursor.fetchall()
    return [state_of_row(row, tuple(also)) for row in rows], (rows[0][0] if rows else None)


def state_of_row(row: tuple[Any, ...], also: tuple[str, ...]) -> ContactState:
    values = iter(row[1:])
    state = ContactState(
        ids={name: next(values) for name in OWN_IDS},
        also={name: next(values) for name in also},
        score_id=next(values),
        predecessor_id=next(values),
        external_id_is_taken=bool(next(values)),
        domain_is_taken=bool(next(values)),
    )
    state.contact = instance_of(Contact, values)
    state.company = instance_of(Company, values)
    state.lead = instance_of(Lead, values)
    state.card = instance_of(ContextCard, values)
    return state


def instance_of(model: type[M], values: Any) -> M | None:
    names, json_places = columns_of(model)
    own = [next(values) for _ in names]
    if own[0] is None:
        return None
    for place in json_places:
        own[place] = json.loads(own[place])
    return model.from_db(None, list(names), own)


@cache
def columns_of(model: type[models.Model]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Attribute names, the key first, and the places of those that come as JSON text."""
    fields = [each for each in model._meta.concrete_fields if not each.generated]
    names = tuple(each.attname for each in fields)
    return names, tuple(
        place for place, each in enumerate(fields) if isinstance(each, models.JSONField)
    )


def select_list(model: type[models.Model], alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in columns_of(model)[0])


@cache
def contact_state_sql(also: tuple[tuple[str, str], ...]) -> str:
    # The limits keep PostgreSQL from reading whole tables: it expects a hundred rows from any JSON.
    beside = "".join(f"{sql}, " for _, sql in also)
    return f"""
WITH wanted AS MATERIALIZED (
    SELECT given.*, found.id AS contact_id
    FROM json_to_recordset(%s::json)
        AS given(n int, email text, external_id text, phone text, domain text)
    LEFT JOIN LATERAL (
        SELECT COALESCE(candidate.merged_into_id, candidate.id) AS id FROM (
            SELECT 1 AS rank, id, merged_into_id FROM leads_contact
                WHERE email = given.email
            UNION ALL SELECT 2, id, merged_into_id FROM leads_contact
                WHERE external_id = given.external_id
            -- A shared office phone is not a person: two different addresses stay two contacts.
            UNION ALL (SELECT 3, id, merged_into_id FROM leads_contact
                WHERE phone = given.phone AND (given.email IS NULL OR email IS NULL)
                ORDER BY id LIMIT 1)
        ) AS candidate ORDER BY rank LIMIT 1
    ) AS found ON true
)
SELECT {STAMP_SQL}, {", ".join(OWN_IDS.values())}, {beside}
    score.id, prior.id, taken.is_taken, owned.is_taken,
    {select_list(Contact, "contact")}, {select_list(Company, "company")},
    {select_list(Lead, "lead")}, {select_list(ContextCard, "card")}
FROM wanted
LEFT JOIN LATERAL (
    SELECT * FROM leads_contact WHERE id = wanted.contact_id FOR NO KEY UPDATE
) AS contact ON true
LEFT JOIN LATERAL (
    SELECT * FROM leads_lead WHERE contact_id = contact.id AND closed_at IS NULL
    FOR NO KEY UPDATE
) AS lead ON true
LEFT JOIN LATERAL (
    SELECT id FROM leads_lead WHERE contact_id = contact.id ORDER BY opened_at DESC LIMIT 1
) AS prior ON true
LEFT JOIN LATERAL (
    SELECT true AS is_taken FROM leads_contact
    WHERE external_id = wanted.external_id AND id <> contact.id LIMIT 1
) AS taken ON true
LEFT JOIN LATERAL (
    SELECT * FROM leads_company WHERE id = COALESCE(
        contact.company_id, (SELECT id FROM leads_company WHERE domain = wanted.domain)
    ) LIMIT 1
) AS company ON true
LEFT JOIN LATERAL (
    SELECT true AS is_taken FROM leads_company
    WHERE domain = wanted.domain AND id <> company.id LIMIT 1
) AS owned ON true
LEFT JOIN LATERAL (SELECT id FROM leads_leadscore WHERE lead_id = lead.id LIMIT 1) AS score ON true
LEFT JOIN LATERAL (
    SELECT * FROM leads_contextcard WHERE lead_id = lead.id LIMIT 1
) AS card ON true
ORDER BY wanted.n
"""  # noqa: S608  (no input in it)
