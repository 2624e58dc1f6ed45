"""The statements of the lead page, each compiled once in a process."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONArray

from core.compiled import CompiledQuery
from core.raw_sql import fetch_rows
from handoff.lead_access import visible_leads
from handoff.models import Attempt, Handoff, RoutingDecision, SlaClock
from leads.configuration import STAMP_SQL
from leads.duplicates import possible_duplicates
from leads.external_ids import external_ids_of
from leads.models import Contact, Correction, Lead, LeadEvent, LeadQuerySet, Repair, Touch
from leads.undone import is_undone
from people.covers import available_covers
from people.readers import ReaderShape, reader_of

MAX_TOUCHES: Final = 50
MAX_HANDOFFS: Final = 50
MAX_EVENTS: Final = 50
MAX_ATTEMPTS: Final = 20
MAX_DECISIONS: Final = 20
MAX_STATEMENTS: Final = 200
MAX_RELATED: Final = 10
WITH_LEAD: Final = (
    "contact",
    "company__owner",
    "owner",
    "queue",
    "lead_type",
    "source",
    "campaign__owner",
    "card__edited_by",
    "score_card",
)


def lead_for(
    shape: ReaderShape, *, lead_id: int, reader_id: int, team_ids: list[int]
) -> LeadQuerySet:
    reader = reader_of(shape, reader_id=reader_id, team_ids=team_ids)
    return (
        visible_leads(reader)
        .select_related(*WITH_LEAD)
        .annotate(
            external_ids=external_ids_of("contact_id"),
            stamp=RawSQL(STAMP_SQL, (), BigIntegerField()),  # noqa: S611  (no input in it)
        )
        .filter(pk=lead_id)
    )


def lead_of_handoff(
    shape: ReaderShape, *, handoff_id: int, reader_id: int, team_ids: list[int]
) -> LeadQuerySet:
    reader = reader_of(shape, reader_id=reader_id, team_ids=team_ids)
    return visible_leads(reader).filter(handoffs=handoff_id)


def handoffs_for(
    shape: ReaderShape, *, lead_id: int, at: datetime, reader_id: int, team_ids: list[int]
) -> QuerySet[Handoff]:
    reader = reader_of(shape, reader_id=reader_id, team_ids=team_ids)
    mine = Handoff.objects.answerable_by(reader, at=at).filter(pk=OuterRef("pk"))
    covered = available_covers(at=at).filter(user=OuterRef("owner")).order_by("-ends_at", "pk")
    return (
        Handoff.objects.filter(lead=lead_id)
        .select_related("owner", "queue", "policy", "decision", "rejection__reason")
        .defer("decision__facts", "decision__trace")
        .annotate(
            is_answerable=Exists(mine),
            # As one value, for which PostgreSQL looks once.
            cover=Subquery(covered.values(json=JSONArray("cover", "cover__name", "ends_at"))[:1]),
        )
        .order_by("-offered_at", "-pk")[:MAX_HANDOFFS]
    )


def clocks_of(*, lead_id: int) -> QuerySet[SlaClock]:
    """Return the clocks of the latest handoff."""
    latest = Handoff.objects.filter(lead=lead_id).order_by("-offered_at", "-pk").values("pk")[:1]
    clocks = SlaClock.objects.filter(handoff=latest).select_related("target")
    return clocks.order_by("due_at", "pk")


def touches_of(*, lead_id: int) -> QuerySet[Touch]:
    repairs = Repair.objects.filter(touch=OuterRef("pk"))
    keys = repairs.values(json=JSONArray("field", "value"))
    return (
        Touch.objects.filter(lead=lead_id)
        .select_related("campaign")
        .annotate(repaired=ArraySubquery(keys), is_undone=is_undone())
        .order_by("-occurred_at", "-pk")[:MAX_TOUCHES]
    )


def events_of(*, lead_id: int) -> QuerySet[LeadEvent]:
    events = LeadEvent.objects.filter(lead=lead_id).order_by("-occurred_at", "-pk")
    return events[: MAX_EVENTS + 1]


def decisions_of(*, lead_id: int) -> QuerySet[RoutingDecision]:
    decisions = RoutingDecision.objects.filter(lead=lead_id).defer("facts")
    return decisions.order_by("-decided_at", "-pk")[:MAX_DECISIONS]


def attempts_of(*, lead_id: int) -> QuerySet[Attempt]:
    attempts = Attempt.objects.filter(lead=lead_id).select_related("by")
    return attempts.order_by("-occurred_at", "-pk")[: MAX_ATTEMPTS + 1]


def statements_of(*, contact_id: int) -> QuerySet[Touch]:
    touches = Touch.objects.filter(contact=contact_id).only("kind", "occurred_at", "stated")
    return touches.order_by("-occurred_at", "-pk")[:MAX_STATEMENTS]


def corrections_of(*, contact_id: int, company_id: int) -> QuerySet[Correction]:
    corrections = Correction.objects.filter(Q(contact=contact_id) | Q(company=company_id))
    return corrections.select_related("by").order_by("-pk")[:MAX_STATEMENTS]


def leads_related_to(
    shape: ReaderShape,
    has_phone: bool,
    *,
    lead_id: int,
    contact_id: int,
    company_id: int,
    phone: str,
    reader_id: int,
    team_ids: list[int],
) -> LeadQuerySet:
    """Return leads of the contact that the reader may open, of possible duplicates, and open ones
    of the company."""
    visible = visible_leads(reader_of(shape, reader_id=reader_id, team_ids=team_ids))
    is_visible = Exists(visible.filter(pk=OuterRef("pk")))
    duplicates = possible_duplicates(Contact(pk=contact_id, phone=phone if has_phone else ""))
    others = Lead.objects.counted().exclude(pk=lead_id).order_by("-opened_at", "-pk")
    groups = (
        others.filter(is_visible, contact=contact_id),
        others.filter(contact__in=duplicates.values("pk")),
        others.open().filter(company=company_id).exclude(contact=contact_id),
    )
    of_contact, *rest = (group.values("pk")[:MAX_RELATED] for group in groups)
    return (
        others.filter(pk__in=of_contact.union(*rest))
        .annotate(
            is_visible=is_visible,
            is_duplicate=Exists(duplicates.filter(pk=OuterRef("contact"))),
        )
        .select_related("contact", "owner", "queue", "lead_type")
    )


LEAD: Final = CompiledQuery(lead_for)
LEAD_OF_HANDOFF: Final = CompiledQuery(lead_of_handoff)
HANDOFFS: Final = CompiledQuery(handoffs_for)
CLOCKS: Final = CompiledQuery(clocks_of)
TOUCHES: Final = CompiledQuery(touches_of)
EVENTS: Final = CompiledQuery(events_of)
DECISIONS: Final = CompiledQuery(decisions_of)
ATTEMPTS: Final = CompiledQuery(attempts_of)
STATEMENTS: Final = CompiledQuery(statements_of)
CORRECTIONS: Final = CompiledQuery(corrections_of)
RELATED_LEADS: Final = CompiledQuery(leads_related_to)

NAMES_SQL: Final = """
SELECT true, id, name FROM people_user WHERE id = ANY(%s)
UNION ALL SELECT false, id, name FROM people_team WHERE id = ANY(%s)
"""


def names_of(
    user_ids: Iterable[int], team_ids: Iterable[int]
) -> tuple[dict[int, str], dict[int, str]]:
    """Return the names of users and of teams, by id."""
    rows = fetch_rows(NAMES_SQL, [list(user_ids), list(team_ids)])
    users = {pk: name for is_user, pk, name in rows if is_user}
    return users, {pk: name for is_user, pk, name in rows if not is_user}
