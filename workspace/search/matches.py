"""Find the contacts and companies that match a text by their indexes, before any is ranked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from core.folding import words_sql
from core.permissions import Right
from core.raw_sql import fetch_rows
from leads.search import Term, names_sql
from people.models import User

# The best of so many matches are shown: a prefix of two letters has thousands.
MAX_COMPARED: Final = 1_000
MATCHES_SQL: Final = f"""
WITH contact (id) AS MATERIALIZED ({{contacts}}), company (id) AS MATERIALIZED ({{companies}})
SELECT false, id FROM contact
UNION SELECT false, id FROM ({names_sql("leads_contact")}) AS contact_by_name
UNION SELECT true, id FROM company
UNION SELECT true, id FROM ({names_sql("leads_company")}) AS company_by_name
"""  # noqa: S608  (no input in it)
# A user with few rows among more matches than these sees the latest ones of their teams at least.
OF_TEAMS_SQL: Final = f"""
UNION SELECT hit.is_company, hit.id
FROM people_membership AS mate
CROSS JOIN LATERAL (
    SELECT contact_id FROM leads_lead WHERE owner_id = mate.user_id
    ORDER BY opened_at DESC, id DESC LIMIT 100
) AS lead
JOIN leads_contact AS contact ON contact.id = lead.contact_id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN %(email)s = '' THEN {words_sql("contact.name", "contact.email")} @@ query.words
        ELSE starts_with(contact.email, %(email)s)
    END AS of_contact, %(email)s = '' AND EXISTS (
        SELECT FROM leads_company AS company WHERE company.id = contact.company_id
            AND {words_sql("company.name", "company.domain")} @@ query.words
    ) AS of_company
    FROM to_tsquery('simple'::regconfig, %(query)s) AS query(words)
    OFFSET 0
) AS has
CROSS JOIN LATERAL (VALUES
    (false, contact.id, has.of_contact OR has.of_company),
    (true, contact.company_id, has.of_company)
) AS hit(is_company, id, is_match)
WHERE hit.is_match
    AND greatest((SELECT count(*) FROM contact), (SELECT count(*) FROM company)) >= %(limit)s
    AND mate.team_id IN (
        SELECT team_id FROM people_membership WHERE user_id = %(user)s
        UNION SELECT id FROM people_team WHERE manager_id = %(user)s
    )
"""  # noqa: S608  (no input in it)


class Matches(NamedTuple):
    """Ids of rows, some of which the user may not see."""

    contacts: list[int]
    companies: list[int]


def read_matches(term: Term, user: User) -> Matches:
    matches = Matches([], [])
    for is_company, pk in fetch_rows(*matches_sql(term, user)):
        (matches.companies if is_company else matches.contacts).append(pk)
    return matches


def matches_sql(term: Term, user: User) -> tuple[str, Mapping[str, Any]]:
    """Return SQL and parameters of the ids, each with whether it is a company's."""
    contacts, params = term.contacts(MAX_COMPARED)
    companies, more = term.companies(MAX_COMPARED)
    sql = MATCHES_SQL.format(contacts=contacts, companies=companies)
    params = params | more | term.names(MAX_COMPARED) | {"user": user.pk}
    return sql if user.may(Right.SEE_EVERY_LEAD) else sql + OF_TEAMS_SQL, params
