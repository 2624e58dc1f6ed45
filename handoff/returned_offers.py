"""Find in the log offers of returned leads that nothing explains."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.apps import apps
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from core.days import day_of
from handoff.models import Handoff, Rejection
from leads.models import EventKind, LeadEvent, Touch
from leads.returned import is_given

RETURNS: Final = (EventKind.REJECTED, EventKind.CANNOT_EVALUATE)
# Offers of release 0.1 lack the due time. It offered a returned lead again at any touch.
DUE_TIME: Final = "contact_due"
MOVES_THAT_OFFER: Final = ("exception", "resurfaced")


def unexplained_offers() -> Iterator[LeadEvent]:
    """Yield offers after a return without a signal, data, a date or an act of marketing."""
    for offer in offers_of_returned_leads().exclude(acts()).exclude(signals()):
        if not is_due(offer) and not is_complete(offer):
            yield offer


def offers_of_returned_leads() -> QuerySet[Any]:
    """Return the first offer after each return, with the return and what decided the offer."""
    earlier = (
        LeadEvent.objects.counted()
        .filter(
            lead=OuterRef("lead"), pk__lt=OuterRef("pk"), kind__in=[EventKind.OFFERED, *RETURNS]
        )
        .order_by("-pk")
    )
    offers = LeadEvent.objects.filter(kind=EventKind.OFFERED, payload__has_key=DUE_TIME)
    offers = offers.annotate(
        handoff=handoff_of("payload"),
        **{
            f"returned_{name}": Subquery(earlier.values(name)[:1])
            for name in ("pk", "kind", "occurred_at", "payload")
        },
    ).filter(returned_kind__in=list(RETURNS))
    rejection = Rejection.objects.filter(handoff=OuterRef("returned_handoff"))
    date_set = events_between().filter(kind=EventKind.WAKE_DATE_SET).order_by("-pk")
    decision = Handoff.objects.filter(pk=OuterRef("handoff"))
    return offers.annotate(
        returned_handoff=handoff_of("returned_payload"),
        date_set=Subquery(date_set.values(day=KeyTextTransform("day", "payload"))[:1]),
        wake_on=Subquery(rejection.values("wake_on")),
        facts=Subquery(decision.values("decision__facts")),
    ).order_by("pk")


def handoff_of(payload: str) -> Cast:
    return Cast(KeyTextTransform("handoff", payload), BigIntegerField())


def events_between() -> QuerySet[LeadEvent]:
    return LeadEvent.objects.filter(
        lead=OuterRef("lead"), pk__gt=OuterRef("returned_pk"), pk__lt=OuterRef("pk")
    )


def acts() -> Exists:
    act = Q(kind=EventKind.DATA_COMPLETED)
    move = Q(kind=EventKind.STAGE_CHANGED, payload__why__in=MOVES_THAT_OFFER)
    return Exists(events_between().filter(act | move))


def signals() -> Exists:
    """Match offers after a touch of a kind that is or was a signal, or of its lead type."""
    reasons, rules = ever("handoff", "RejectionReason"), ever("leads", "TouchKindRule")
    kinds = {kind for row in reasons for kind in row.signal_kinds}
    kinds |= {row.kind for row in rules if row.is_buying_signal}
    types = {row.lead_type_id for row in rules if row.kind in kinds} - {None}
    touches = Touch.objects.filter(
        Q(kind__in=kinds) | Q(lead_type__in=types),
        lead=OuterRef("lead"),
        is_repeat=False,
        recorded_at__gte=OuterRef("returned_occurred_at"),
        recorded_at__lte=OuterRef("occurred_at"),
    )
    return Exists(touches)


def ever(app: str, model: str) -> list[Any]:
    """Return the rows as they are, and all that they ever were."""
    return [
        row
        for name in (model, f"{model}Event")
        for row in apps.get_model(app, name)._default_manager.all()
    ]


def is_due(offer: Any) -> bool:
    """Return whether the date came that marketing set last, or else that of the rejection."""
    wake_on = date.fromisoformat(offer.date_set) if offer.date_set else offer.wake_on
    return wake_on is not None and wake_on <= day_of(offer.occurred_at)


def is_complete(offer: Any) -> bool:
    """Return whether everything was known that sales had missed."""
    missing = offer.returned_payload.get("fields", [])
    facts = offer.facts or {}
    return bool(missing) and all(is_given(facts.get(code)) for code in missing)
