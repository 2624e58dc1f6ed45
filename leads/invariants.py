"""Check that scores, stages and contacts are what breakdown, log and touches say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Greatest

from core.invariants import Check, Violation, in_slices
from leads.models import (
    Contact,
    Correction,
    EventKind,
    ExternalId,
    Lead,
    LeadEvent,
    LeadScore,
    Touch,
)
from leads.normalization.names import person_key
from leads.precedence import origin_of


def scores_add_up(at: datetime) -> Iterator[Violation]:
    ledger = Func(F("ledger"), function="leads_ledger_total", output_field=IntegerField())
    for scores in in_slices(LeadScore.objects.all()):
        wrong = scores.annotate(sum=ledger, shown=Greatest(F("total"), Value(0))).exclude(
            Q(total=F("sum")) & Q(lead__score=F("shown"))
        )
        for score in wrong.select_related("lead").order_by("lead"):
            yield Violation(
                f"lead {score.lead_id}",
                f"the score is {score.lead.score}, but its breakdown adds up to {score.sum}",
            )


def stages_match_the_log(at: datetime) -> Iterator[Violation]:
    moves = LeadEvent.objects.counted().filter(lead=OuterRef("pk")).exclude(to_stage="")
    last_move = Subquery(moves.order_by("-pk").values("to_stage")[:1])
    for leads in in_slices(Lead.objects.all()):
        wrong = leads.annotate(logged=Coalesce(last_move, Value("nothing"))).exclude(
            logged=F("stage")
        )
        for lead_id, stage, logged in wrong.order_by("pk").values_list("pk", "stage", "logged"):
            yield Violation(f"lead {lead_id}", f"the stage is {stage}, but the log says {logged}")


def consent_is_the_latest_statement(at: datetime) -> Iterator[Violation]:
    """Compare contacts with their touches, unless a person edited or confirmed the consent since.

    A value that was confirmed leaves no correction, only its origin.
    """
    stated = Touch.objects.filter(contact=OuterRef("pk"), stated__has_key="consent")
    latest = stated.order_by("-occurred_at", "-pk")[:1]
    edits = Correction.objects.filter(contact=OuterRef("pk"), changes__has_key="consent")
    contacts = Contact.objects.annotate(
        stated=Subquery(
            latest.values(said=Cast(KeyTransform("consent", "stated"), BooleanField()))
        ),
        stated_at=Subquery(latest.values("occurred_at")),
    ).exclude(stated=None)
    wrong = contacts.exclude(consent=F("stated"), consent__isnull=False)
    edited = Exists(edits.filter(at__gte=OuterRef("stated_at")))
    for contact in wrong.exclude(edited).order_by("pk"):
        origin = origin_of("consent", contact.origins, default_at=contact.created_at)
        if origin.edited_by is not None and origin.at >= contact.stated_at:
            continue
        yield Violation(
            f"contact {contact.pk}",
            f"consent is {contact.consent}, but the latest statement is {contact.stated}",
        )


def phone_numbers_join_only_equal_names(at: datetime) -> Iterator[Violation]:
    """Find touches that share neither an address, an id nor a name with what was said before."""
    names = Count("stated__name", distinct=True)
    several = Touch.objects.values("contact").annotate(names=names).filter(names__gt=1)
    # Touches of release 0.1 do not say what was stated in them.
    unknown = Touch.objects.filter(stated={}).values("contact")
    touches = (
        Touch.objects.filter(contact__in=several.values("contact"))
        .exclude(contact__in=unknown)
        .order_by("contact", "pk")
    )
    for contact_id, rows in groupby(touches.iterator(), key=attrgetter("contact_id")):
        known = set(corrected_identities(contact_id))
        for place, touch in enumerate(rows):
            identities = set(identities_of(touch.stated))
            if place and not identities & known:
                yield Violation(
                    f"contact {contact_id}",
                    f"touch {touch.pk} of another name joined it by phone number alone",
                )
            known |= identities


def identities_of(stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("email", "external_id"):
        if name in stated:
            yield name, str(stated[name])
    yield "name", person_key(stated.get("name", ""))


def corrected_identities(contact_id: int) -> Iterator[tuple[str, str]]:
    for changes in Correction.objects.filter(contact=contact_id).values_list("changes", flat=True):
        for values in zip(*(changes[name] for name in changes), strict=True):
            yield from identities_of(dict(zip(changes, values, strict=True)))


def claimed_ids_have_an_owner(at: datetime) -> Iterator[Violation]:
    owners = ExternalId.objects.filter(
        system=OuterRef("system"), value=OuterRef("value"), is_conflict=False
    )
    claims = ExternalId.objects.filter(is_conflict=True).exclude(Exists(owners))
    for claim in claims.order_by("pk"):
        yield Violation(
            f"contact {claim.contact_id}", f"the id {claim} is a conflict with no other contact"
        )


def ids_join_no_two_addresses(at: datetime) -> Iterator[Violation]:
    """Find touches whose id joined them to a contact although their email address is another's."""
    stated = Touch.objects.filter(stated__has_keys=["external_id", "email"])
    joined = stated.annotate(said=KeyTextTransform("email", "stated")).filter(
        Exists(Contact.objects.filter(email=OuterRef("said")).exclude(pk=OuterRef("contact"))),
        contact__merged_into=None,
    )
    corrected = Correction.objects.filter(contact=OuterRef("contact"), changes__has_key="email")
    for touch in joined.exclude(Exists(corrected)).order_by("pk"):
        yield Violation(
            f"touch {touch.pk}", f"states the address of another contact than {touch.contact_id}"
        )


def undone_leads_are_closed(at: datetime) -> Iterator[Violation]:
    undone = LeadEvent.objects.filter(
        lead=OuterRef("pk"), kind=EventKind.IMPORT_UNDONE, payload__is_whole=True
    )
    wrong = Lead.objects.filter(Exists(undone)).filter(Q(undone_at=None) | Q(closed_at=None))
    for lead_id in wrong.order_by("pk").values_list("pk", flat=True):
        yield Violation(f"lead {lead_id}", "its import was taken back, but it still counts")


CHECKS: Final[Mapping[str, Check]] = {
    "every score is the sum of its breakdown": scores_add_up,
    "every stage matches the log": stages_match_the_log,
    "the consent of a contact is the latest statement": consent_is_the_latest_statement,
    "no one joins a contact of another name by phone number alone": (
        phone_numbers_join_only_equal_names
    ),
    "every claimed external id belongs to a contact": claimed_ids_have_an_owner,
    "every lead of an undone import is closed": undone_leads_are_closed,
    "no external id joins two addresses": ids_join_no_two_addresses,
}
