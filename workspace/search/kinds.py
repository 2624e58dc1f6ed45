"""Kinds of rows that the search finds: one entry per kind, all read in one statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorExact
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber

from core.folding import Folded, words_of, words_sql
from core.permissions import Right
from handoff.lead_access import visible_contacts, visible_leads
from leads.external_ids import ids_named
from leads.models import Campaign, Company
from leads.search import Term, names_sql, with_ids
from leads.stages import Stage
from people.models import User
from workspace.search.addresses import page_or_leads
from workspace.search.hits import Hit

# The best of so many matches are shown: a prefix of two letters has thousands.
MAX_COMPARED: Final = 1_000
EXACT, START, WORD = range(3)
NAMELESS: Final = "Name unknown"
# A user with few rows among thousands of matches sees the latest ones of their teams at least.
OF_TEAMS_SQL: Final = f"""
UNION (
    SELECT contact.id FROM people_membership AS mate
    CROSS JOIN LATERAL (
        SELECT contact_id FROM leads_lead WHERE owner_id = mate.user_id
        ORDER BY opened_at DESC, id DESC LIMIT 100
    ) AS lead
    JOIN leads_contact AS contact ON contact.id = lead.contact_id
    LEFT JOIN leads_company AS company ON company.id = contact.company_id
    WHERE mate.team_id IN (
        SELECT team_id FROM people_membership WHERE user_id = %(user)s
        UNION SELECT id FROM people_team WHERE manager_id = %(user)s
    ) AND (
        {words_sql("contact.name", "contact.email")} @@ to_tsquery('simple'::regconfig, %(query)s)
        OR {words_sql("company.name", "company.domain")}
            @@ to_tsquery('simple'::regconfig, %(query)s)
    )
)
"""  # noqa: S608  (no input in it)


@dataclass(frozen=True)
class Kind:
    label: str
    icon: str
    right: Right
    query: Callable[[Term, User], QuerySet[Any]]  # rows that the user may see, with their `rank`
    texts: tuple[str, ...]  # columns that `row` gets after the id
    row: Callable[..., tuple[str, str, str]]  # returns title, detail and address
    order: tuple[Any, ...] = ("folded_name", "pk")


def read_hits(term: Term, user: User, size: int) -> dict[Kind, list[Hit]]:
    """Return the best hits of each kind that the user may see, at most `size` of each."""
    kinds = [(place, kind) for place, kind in enumerate(KINDS) if user.may(kind.right)]
    if not kinds or not term.words:
        return {}
    first, *others = (rows_of(kind, place, term, user)[:size] for place, kind in kinds)
    hits: dict[Kind, list[Hit]] = {}
    for place, _, pk, texts in first.union(*others, all=True).order_by("kind", "place"):
        kind = KINDS[place]
        hits.setdefault(kind, []).append(Hit(*kind.row(pk, *texts), kind.icon))
    return hits


def rows_of(kind: Kind, place: int, term: Term, user: User) -> QuerySet[Any, Any]:
    texts = (Coalesce(Cast(F(text), TextField()), Value("")) for text in kind.texts)
    order = ("rank", *kind.order)
    row = {
        "kind": Value(place),
        "place": Window(RowNumber(), order_by=order),
        "number": F("pk"),
        "texts": Func(
            *texts, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField())
        ),
    }
    rows: QuerySet[Any, Any] = kind.query(term, user).annotate(**row).order_by(*order)
    return rows.values_list(*row)


def ranked(rows: QuerySet[Any], term: Term, name: str, *exact: Q) -> QuerySet[Any]:
    """Add the `rank`: the text itself first, then its start, then the start of a later word."""
    cases = [
        *(When(condition, then=EXACT) for condition in exact),
        When(folded_name=term.folded, then=EXACT),
        When(folded_name__startswith=term.folded, then=START),
    ]
    rank = Case(*cases, default=WORD, output_field=IntegerField())
    with_rank: QuerySet[Any] = rows.alias(folded_name=Folded(name)).alias(rank=rank)
    return with_rank


def with_words(rows: QuerySet[Any], term: Term, *columns: str) -> QuerySet[Any]:
    """Return the rows that have all the words; by itself for a small table only."""
    query = SearchQuery(term.query, search_type="raw", config="simple")
    return rows.filter(SearchVectorExact(words_of(*columns), query))


def contact_ids(term: Term, user: User) -> tuple[str, dict[str, Any]]:
    sql, params = term.contacts(MAX_COMPARED)
    if user.may(Right.SEE_EVERY_LEAD):
        return sql, params
    return sql + OF_TEAMS_SQL, params | {"user": user.pk}


def leads(term: Term, user: User) -> QuerySet[Any]:
    sql, params = contact_ids(term, user)
    sql = f"SELECT id FROM leads_lead WHERE contact_id = ANY(ARRAY({sql}))"  # noqa: S608  (no input in it)
    exact = [Q(contact__email=term.email)]
    if term.lead_number is not None:
        sql += " UNION SELECT %(number)s"
        params["number"] = term.lead_number
        exact.append(Q(pk=term.lead_number))
    rows = with_ids(visible_leads(user).counted(), sql, params)
    return ranked(rows, term, "contact__name", *exact)


def contacts(term: Term, user: User) -> QuerySet[Any]:
    sql, params = contact_ids(term, user)
    sql = f"({names_sql('leads_contact')}) UNION ({sql})"
    rows = with_ids(visible_contacts(user), sql, params | term.names(MAX_COMPARED))
    known = Q(pk__in=ids_named(term.whole).values("contact"))
    return ranked(rows.filter(merged_into=None), term, "name", known, Q(email=term.email))


def companies(term: Term, user: User) -> QuerySet[Any]:
    sql, params = term.companies(MAX_COMPARED)
    sql = f"({names_sql('leads_company')}) UNION ({sql})"
    rows = Company.objects.all()
    if not user.may(Right.SEE_EVERY_LEAD):
        ids, params = contact_ids(term, user)
        sql += f" UNION SELECT company_id FROM leads_contact WHERE id = ANY(ARRAY({ids}))"  # noqa: S608  (no input in it)
        seen = visible_leads(user).filter(contact__company=OuterRef("pk"))
        rows = with_words(rows.filter(Exists(seen)), term, "name", "domain")
    rows = with_ids(rows, sql, params | term.names(MAX_COMPARED))
    return ranked(rows, term, "name", Q(domain=term.whole.lower()))


def campaigns(term: Term, _user: User) -> QuerySet[Any]:
    return ranked(with_words(Campaign.objects.all(), term, "name", "code"), term, "name")


def people(term: Term, _user: User) -> QuerySet[Any]:
    active = User.objects.filter(is_active=True, is_superuser=False)
    return ranked(with_words(active, term, "name", "email"), term, "name", Q(email=term.email))


def lead_row(
    pk: int, name: str, email: str, company: str, stage: str, owner: str
) -> tuple[str, str, str]:
    detail = joined(company, Stage(stage).label, owner, f"#{pk}")
    return name or email or NAMELESS, detail, page_or_leads("workspace:lead", pk)


def contact_row(pk: int, name: str, email: str, title: str, company: str) -> tuple[str, str, str]:
    shown = name or email or NAMELESS
    detail = joined(title, company, email if name else "")
    return shown, detail, page_or_leads("workspace:contact", pk, q=email or name)


def company_row(pk: int, name: str, domain: str) -> tuple[str, str, str]:
    return name, domain, page_or_leads("workspace:company", pk, q=name)


def campaign_row(pk: int, name: str, code: str) -> tuple[str, str, str]:
    return name, code, page_or_leads("workspace:campaign", pk, campaign=code)


def person_row(pk: int, name: str, email: str) -> tuple[str, str, str]:
    return name or email, email, page_or_leads("workspace:person", pk, owner=str(pk))


def joined(*texts: str) -> str:
    return " · ".join(filter(None, texts))


KINDS: Final = (
    Kind(
        "Leads",
        "inbox",
        Right.SEE_LEADS,
        leads,
        ("contact__name", "contact__email", "company__name", "stage", "owner__name"),
        lead_row,
        order=("closed_at", "-latest_touch_at", "pk"),
    ),
    Kind(
        "Contacts",
        "person",
        Right.SEE_LEADS,
        contacts,
        ("name", "email", "title", "company__name"),
        contact_row,
    ),
    Kind("Companies", "company", Right.SEE_LEADS, companies, ("name", "domain"), company_row),
    Kind("Campaigns", "flag", Right.SEE_LEADS, campaigns, ("name", "code"), campaign_row),
    Kind("People", "people", Right.SEE_LEADS, people, ("name", "email"), person_row),
)
