"""Read everything that capturing touches needs, in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar

from django.db import connection, models

from leads.configuration import STAMP_SQL
from leads.models import Company, Contact, ContextCard, Lead, LeadScore, Touch
from leads.normalization.identity import is_placeholder
from leads.normalization.names import person_key
from leads.touches import TouchIn

M = TypeVar("M", bound=models.Model)

OWN_MODELS: Final[tuple[type[models.Model], ...]] = (Contact, Company, Lead, Touch, LeadScore)


@dataclass(slots=True)
class ContactState:
    """The stored contact of a touch with its open lead, both locked in this order.

    `domain_holder` is the company that has the domain of the touch. `ids` holds a reserved id per
    model for rows that may be added.
    """

    contact: Contact | None = None
    company: Company | None = None
    domain_holder: Company | None = None
    lead: Lead | None = None
    card: ContextCard | None = None
    score_id: int | None = None
    predecessor_id: int | None = None
    external_id_is_known: bool = False
    external_id_is_taken: bool = False
    # Source systems in which the contact has an id.
    systems: set[str] = field(default_factory=set)
    # Owners of the oldest open lead of other contacts, by company.
    company_reps: dict[int, int] = field(default_factory=dict)
    ids: dict[type[models.Model], int] = field(default_factory=dict)

    @property
    def company_rep_id(self) -> int | None:
        """Return the rep who has an open lead of another contact of the company."""
        return self.company_reps.get(self.company.pk) if self.company else None


def read_contact_states(
    touches: Sequence[TouchIn], *, reserve: tuple[type[models.Model], ...] = ()
) -> tuple[list[ContactState], int | None]:
    """Return one state per touch, in their order, and the configuration stamp of the snapshot.

    `reserve` names further models for which the caller needs an id per touch.
    """
    keys = [
        {
            "n": n,
            "email": touch.email or None,
            "external_id": touch.external_id or None,
            "system": touch.system,
            "phone": None if is_placeholder(touch.phone) else touch.phone or None,
            "extension": touch.phone_extension,
            "name_key": person_key(touch.name),
            "domain": touch.domain or None,
            "occurred_at": touch.occurred_at.isoformat(),
        }
        for n, touch in enumerate(touches)
    ]
    reserved = (*OWN_MODELS, *reserve)
    with connection.cursor() as cursor:
        cursor.execute(contact_state_sql(reserved), [json.dumps(keys)])
        rows = cursor.fetchall()
    return [state_of_row(row, reserved) for row in rows], (rows[0][0] if rows else None)


def state_of_row(row: tuple[Any, ...], reserved: tuple[type[models.Model], ...]) -> ContactState:
    values = iter(row[1:])
    state = ContactState(
        ids={model: next(values) for model in reserved},
        score_id=next(values),
        predecessor_id=next(values),
        external_id_is_known=bool(next(values)),
        external_id_is_taken=bool(next(values)),
        systems=set(next(values)),
    )
    state.contact = instance_of(Contact, values)
    state.company = instance_of(Company, values)
    holder = instance_of(Company, values)
    # One instance for each row, so that both see a change.
    state.domain_holder = state.company if holder == state.company else holder
    state.lead = instance_of(Lead, values)
    state.card = instance_of(ContextCard, values)
    for company, rep_id in zip((state.company, holder), values, strict=True):
        if company is not None and rep_id is not None:
            state.company_reps[company.pk] = rep_id
    return state


def instance_of(model: type[M], values: Any) -> M | None:
    names, json_places = columns_of(model)
    columns = [next(values) for _ in names]
    if columns[0] is None:
        return None
    for place in json_places:
        columns[place] = json.loads(columns[place])
    return model.from_db(None, list(names), columns)


@cache
def columns_of(model: type[models.Model]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return attribute names, the key first, and the positions of those that come as JSON text."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    names = tuple(field.attname for field in fields)
    return names, tuple(
        place for place, field in enumerate(fields) if isinstance(field, models.JSONField)
    )


def select_list(model: type[models.Model], alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in columns_of(model)[0])


@cache
def contact_state_sql(reserved: tuple[type[models.Model], ...]) -> str:
    """Return the statement, in SQL because the ORM has no LATERAL joins with locks.

    The planner assumes 100 rows from json_to_recordset; the limits keep it from scanning tables.
    """
    ids = ", ".join(f"nextval('{model._meta.db_table}_id_seq')" for model in reserved)
    return f"""
WITH wanted AS MATERIALIZED (
    SELECT given.*, found.id AS contact_id
    FROM json_to_recordset(%s::json)
        AS given(n int, email text, external_id text, system text, phone text,
            extension text, name_key text, domain text, occurred_at timestamptz)
    LEFT JOIN LATERAL (
        SELECT COALESCE(candidate.merged_into_id, candidate.id) AS id FROM (
            SELECT 1 AS rank, id, merged_into_id FROM leads_contact
                WHERE email = given.email
            -- An id that meets another email address is a conflict and joins no contact.
            UNION ALL SELECT 2, owner.id, owner.merged_into_id
                FROM leads_externalid AS known
                JOIN leads_contact AS owner ON owner.id = known.contact_id
                WHERE known.value = given.external_id AND known.system_id = given.system
                    AND NOT known.is_conflict
                    AND (given.email IS NULL OR COALESCE(owner.email, given.email) = given.email)
            -- People share office phones: another name, email address or id is another contact.
            UNION ALL (SELECT 3, id, merged_into_id FROM leads_contact
                WHERE phone = given.phone AND name_key = given.name_key
                    AND (phone_extension = given.extension
                        OR name_key <> '' AND '' IN (phone_extension, given.extension))
                    AND (given.email IS NULL OR email IS NULL)
                    AND (given.external_id IS NULL OR NOT EXISTS (
                        SELECT FROM leads_externalid AS known
                        WHERE known.contact_id = leads_contact.id
                            AND known.system_id = given.system))
                ORDER BY id LIMIT 1)
        ) AS candidate ORDER BY rank LIMIT 1
    ) AS found ON true
)
SELECT {STAMP_SQL}, {ids},
    score.id, prior.id, claims.is_known, claims.is_taken,
    ARRAY(SELECT system_id FROM leads_externalid WHERE contact_id = contact.id),
    {select_list(Contact, "contact")},
    {select_list(Company, "company")}, {select_list(Company, "holder")},
    {select_list(Lead, "lead")}, {select_list(ContextCard, "card")},
    company_rep.owner_id, holder_rep.owner_id
FROM wanted
LEFT JOIN LATERAL (
    SELECT * FROM leads_contact WHERE id = wanted.contact_id FOR NO KEY UPDATE
) AS contact ON true
LEFT JOIN LATERAL (
    SELECT * FROM leads_lead WHERE contact_id = contact.id AND closed_at IS NULL
    FOR NO KEY UPDATE
) AS lead ON true
LEFT JOIN LATERAL (
    SELECT id FROM leads_lead
    WHERE contact_id = contact.id AND opened_at <= wanted.occurred_at AND undone_at IS NULL
    ORDER BY opened_at DESC LIMIT 1
) AS prior ON true
LEFT JOIN LATERAL (
    SELECT bool_or(owner_id = contact.id) AS is_known,
        bool_or(NOT is_conflict AND owner_id IS DISTINCT FROM contact.id) AS is_taken
    FROM (
        SELECT is_conflict, COALESCE(owner.merged_into_id, owner.id) AS owner_id
        FROM leads_externalid AS claim JOIN leads_contact AS owner ON owner.id = claim.contact_id
        WHERE claim.value = wanted.external_id AND claim.system_id = wanted.system
    ) AS claim
) AS claims ON true
LEFT JOIN leads_company AS company ON company.id = contact.company_id
LEFT JOIN leads_company AS holder ON holder.domain = wanted.domain
{rep_of("company")}
{rep_of("holder")}
LEFT JOIN LATERAL (SELECT id FROM leads_leadscore WHERE lead_id = lead.id LIMIT 1) AS score ON true
LEFT JOIN LATERAL (
    SELECT * FROM leads_contextcard WHERE lead_id = lead.id LIMIT 1
) AS card ON true
ORDER BY wanted.n
"""  # noqa: S608  (no input in it)


def rep_of(company: str) -> str:
    return f"""
LEFT JOIN LATERAL (
    SELECT owner_id FROM leads_lead
    WHERE company_id = {company}.id AND closed_at IS NULL AND owner_id IS NOT NULL
        AND contact_id IS DISTINCT FROM contact.id
    ORDER BY opened_at, id LIMIT 1
) AS {company}_rep ON true"""  # noqa: S608  (no input in it)
