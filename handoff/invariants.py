"""Check that no lead and no handoff is ever without an owner or a staffed queue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from core.invariants import Check, Violation
from handoff.clock_kinds import CLOCK_KINDS, ClockKind
from handoff.departed import gone
from handoff.departures import held_since_before
from handoff.models import Handoff, RuleSet, SlaClock, SlaTarget
from handoff.notice_kinds import (
    CLOCK_BREACHED,
    CLOCK_WARNED,
    NEW_REQUEST,
    OFFERED,
    RETURNED,
    SUPPRESSED_REQUEST,
)
from handoff.resurfacing import RESURFACED_WITHIN, due_leads
from handoff.returned_offers import unexplained_offers
from handoff.suppressed_requests import NOTIFIED_WITHIN, unheard_leads
from handoff.waiting import OFFERED_WITHIN, assignments
from leads.models import EventKind, Lead, LeadEvent
from people.availability import ACTIVE_MEMBERSHIPS, CAN_ANSWER
from people.models import Absence, Notice, Team
from people.notice_kinds import NoticeKind
from people.notices import RETENTION

State = Handoff.State
ANSWERS: Final = (EventKind.ACCEPTED, EventKind.REJECTED, EventKind.CANNOT_EVALUATE)


# Offered leads wait for a member who may answer; leads without an owner wait with marketing.
STAFFED_QUEUES: Final = ACTIVE_MEMBERSHIPS.filter(
    CAN_ANSWER | Q(team__function=Team.Function.MARKETING)
)


def changed_lately(model: str, at: datetime) -> QuerySet[Any, Any]:
    """Return the rows that the periodic reassignment may not have seen since their last change."""
    versions: QuerySet[Any] = apps.get_model("people", f"{model}Event")._default_manager.all()
    return versions.filter(pgh_created_at__gt=at - period()).values("pgh_obj_id")


def period() -> timedelta:
    return timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["departures"]["schedule"])


def open_leads_have_an_owner(at: datetime) -> Iterator[Violation]:
    """Ignore imported leads that were never offered."""
    offered = Handoff.objects.values("lead")
    leads = Lead.objects.open().filter(Q(is_historical=False) | Q(pk__in=offered))
    left = (
        leads.exclude(owner=None)
        .filter(gone("owner"))
        .exclude(owner__in=changed_lately("User", at))
    )
    for lead in left.order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it is with user {lead.owner_id}, who has left")
    is_staffed = Exists(STAFFED_QUEUES.filter(team=OuterRef("queue")))
    waiting = leads.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        yield Violation(f"team {team_id}", f"{number} leads wait there, but no one works in it")


def open_handoffs_have_an_owner(at: datetime) -> Iterator[Violation]:
    handoffs = Handoff.objects.open()
    left = handoffs.exclude(owner=None).filter(gone("owner"))
    for handoff in left.exclude(owner__in=changed_lately("User", at)).order_by("pk"):
        yield Violation(f"handoff {handoff.pk}", f"it is with user {handoff.owner_id}, who left")
    is_staffed = Exists(ACTIVE_MEMBERSHIPS.filter(CAN_ANSWER, team=OuterRef("queue")))
    waiting = handoffs.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        yield Violation(
            f"team {team_id}", f"{number} offers wait there, but no one may answer them"
        )


def handoffs_and_leads_have_the_same_owner(at: datetime) -> Iterator[Violation]:
    same_owner = Q(owner=F("lead__owner")) | Q(owner=None, lead__owner=None)
    same_queue = ~Q(owner=None) | Q(queue=F("lead__queue"))
    handoffs = Handoff.objects.open().select_related("lead")
    for handoff in handoffs.exclude(same_owner & same_queue).order_by("pk"):
        yield Violation(
            f"handoff {handoff.pk}", f"it and lead {handoff.lead_id} have different owners"
        )


def closed_leads_have_no_open_handoff(at: datetime) -> Iterator[Violation]:
    handoffs = Handoff.objects.open().exclude(lead__closed_at=None)
    for handoff in handoffs.order_by("pk"):
        yield Violation(
            f"handoff {handoff.pk}", f"it is open, and lead {handoff.lead_id} is closed"
        )


def owed_targets_have_clocks(at: datetime) -> Iterator[Violation]:
    """Find open handoffs that owe an SLA target and have no running clock for it."""
    handoffs = Handoff.objects.open().filter(lead__is_historical=False)
    for kind in CLOCK_KINDS.values():
        owed = handoffs.filter(**{kind.done_field: None}).exclude(**{kind.start_field: None})
        for handoff in _without_clock(owed, kind).order_by("pk"):
            yield Violation(
                f"handoff {handoff.pk}", f"its {kind.label.lower()} SLA has no running clock"
            )


def returned_leads_stay_with_marketing(at: datetime) -> Iterator[Violation]:
    """Find leads that wait for a signal, their data or a date, and are with sales all the same."""
    offered = Handoff.objects.open().filter(lead=OuterRef("pk"))
    waiting = Lead.objects.open().exclude(returned_at=None)
    for lead in waiting.filter(Exists(offered)).order_by("pk"):
        yield Violation(f"lead {lead.pk}", "sales returned it, and it was offered without a reason")


def returned_leads_are_offered_for_a_reason(at: datetime) -> Iterator[Violation]:
    for offer in unexplained_offers():
        yield Violation(
            f"lead {offer.lead_id}",
            f"sales returned it, and handoff {offer.payload['handoff']} was opened without a "
            "signal, complete data, its date or an act of marketing",
        )


def no_lead_is_past_its_date(at: datetime) -> Iterator[Violation]:
    for lead in due_leads(at - RESURFACED_WITHIN).order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it was to resurface on {lead.wake_on}")


def no_lead_waits_while_someone_is_free(at: datetime) -> Iterator[Violation]:
    """Ignore who became free lately, whom the job may not have seen."""
    since = at - OFFERED_WITHIN
    waiting = Handoff.objects.waiting().filter(offered_at__lte=since).values("lead")
    long_waiting = set(waiting.values_list("lead", flat=True))
    if not long_waiting or RuleSet.objects.filter(published_at__gt=since).exists():
        return
    assigned = [pair for pair in assignments(at=since) if pair[0] in long_waiting]
    lately = set(free_lately([user_id for _, user_id in assigned], since=since))
    for lead_id, user_id in assigned:
        if user_id not in lately:
            yield Violation(f"lead {lead_id}", f"it waits in a queue, and user {user_id} is free")


def free_lately(user_ids: Collection[int], *, since: datetime) -> Iterator[int]:
    """Yield those who finished a lead, or whose membership changed, after a moment."""
    closed = Handoff.objects.filter(owner__in=user_ids, closed_at__gt=since)
    yield from closed.values_list("owner", flat=True)
    versions: QuerySet[Any] = apps.get_model("people", "MembershipEvent")._default_manager.all()
    changed = versions.filter(user__in=user_ids, pgh_created_at__gt=since)
    yield from changed.values_list("user", flat=True)


def people_away_hold_no_unanswered_leads(at: datetime) -> Iterator[Violation]:
    """Find leads that time off was to reassign."""
    absences = Absence.objects.at(at).filter(reassigns_leads=True, starts_at__lte=at - period())
    for absence in absences.exclude(pk__in=changed_lately("Absence", at)).order_by("pk"):
        for lead in held_since_before(absence):
            yield Violation(f"lead {lead.pk}", f"it is with user {lead.owner_id}, who is away")


def answers_count_for_whoever_gave_them(at: datetime) -> Iterator[Violation]:
    """Compare the person credited with a handoff with the first answer in the log."""
    answers = LeadEvent.objects.filter(lead=OuterRef("lead"), kind__in=ANSWERS).annotate(
        handoff=Cast(KeyTextTransform("handoff", "payload"), BigIntegerField())
    )
    first = answers.filter(handoff=OuterRef("pk")).order_by("pk")[:1]
    handoffs = Handoff.objects.exclude(answered_at=None).annotate(
        answered=Subquery(first.values("pk")), actor=Subquery(first.values("actor"))
    )
    wrong = handoffs.exclude(answered=None).exclude(answered_by=F("actor")).order_by("pk")
    for handoff_id, credited, actor in wrong.values_list("pk", "answered_by", "actor"):
        yield Violation(
            f"handoff {handoff_id}",
            f"it counts for user {credited}, but user {actor} answered it",
        )


def clocks_keep_the_policy_of_the_offer(at: datetime) -> Iterator[Violation]:
    clocks = SlaClock.objects.exclude(target__policy=F("handoff__policy"))
    for clock in clocks.order_by("pk"):
        yield Violation(f"handoff {clock.handoff_id}", "a timer has the target of another policy")


def sent_notices_were_true(at: datetime) -> Iterator[Violation]:
    """Find notices that were sent after what they say had ended.

    A notice that was found outdated is marked as read, and one without a lease was never sent.
    Release 0.1 did not check what it sent.
    """
    checked_since = MigrationRecorder.Migration.objects.filter(
        app="handoff", name=NOTICES_CHECKED_SINCE
    )
    was_sent = Q(read_at=None) | Q(read_at__gt=F("delivered_at"))
    sent = Notice.objects.filter(
        was_sent, delivered_at__lte=at, created_at__gt=checked_since.values("applied")
    ).exclude(leased_until=None)
    for kind, ended in ENDED.items():
        over = ended(OuterRef("delivered_at") - SEND_TIME).filter(pk=OuterRef("occasion"))
        notices = sent.filter(kind=kind.code).annotate(occasion=OCCASION)
        for notice in notices.filter(Exists(over)).order_by("pk"):
            yield Violation(f"notice {notice.pk}", f"“{notice.subject}” was not true when sent")


def answered_before(moment: Combinable) -> QuerySet[Any]:
    return Handoff.objects.filter(Q(answered_at__lt=moment) | Q(closed_at__lt=moment))


def offered_again_before(moment: Combinable) -> QuerySet[Any]:
    return Handoff.objects.filter(
        lead__handoffs__offered_at__gt=F("closed_at"), lead__handoffs__offered_at__lt=moment
    )


def closed_before(moment: Combinable) -> QuerySet[Any]:
    return SlaClock.objects.filter(handoff__closed_at__lt=moment)


def finished_before(moment: Combinable) -> QuerySet[Any]:
    return closed_before(moment).exclude(handoff__state=State.EXPIRED)


# The handoffs or clocks of each kind of notice that had ended before a moment.
ENDED: Final[Mapping[NoticeKind, Callable[[Combinable], QuerySet[Any]]]] = {
    OFFERED: answered_before,
    RETURNED: offered_again_before,
    CLOCK_WARNED: closed_before,
    CLOCK_BREACHED: finished_before,
}
# The id that the key of a notice names.
OCCASION: Final = Cast(
    Func(F("key"), Value(":([0-9]{1,18}):"), function="substring"), BigIntegerField()
)
NOTICES_CHECKED_SINCE: Final = "0013_loss_reasons"
# An answer is dated when it is given, and may be committed while a notice is being sent.
SEND_TIME: Final = timedelta(minutes=1)


def suppressed_contacts_are_not_offered(at: datetime) -> Iterator[Violation]:
    offered = Handoff.objects.open().filter(offered_at__gt=F("lead__contact__suppressed_at"))
    for handoff in offered.order_by("pk"):
        yield Violation(f"handoff {handoff.pk}", "its contact was suppressed before the offer")


def suppressed_requests_have_a_notice(at: datetime) -> Iterator[Violation]:
    """Find suppressed contacts who ask for sales, and of whom marketing was not notified."""
    scored = unheard_leads(at).filter(score_card__scored_at__lt=at - NOTIFIED_WITHIN)
    notices = Notice.objects.filter(kind=SUPPRESSED_REQUEST.code, created_at__gt=at - RETENTION)
    notified = {notice.occasion_id for notice in notices}
    for lead in scored.order_by("pk"):
        if lead.pk not in notified:
            yield Violation(f"lead {lead.pk}", "marketing was not notified that the contact asks")


def new_requests_have_a_notice(at: datetime) -> Iterator[Violation]:
    """Find requests that wait for contact and of which no one was notified."""
    since = at - RETENTION
    owed = Handoff.objects.open().filter(new_request_at__gt=since, new_request_contacted_at=None)
    waiting = dict(owed.values_list("pk", "new_request_at"))
    notices = Notice.objects.filter(kind=NEW_REQUEST.code, created_at__gt=since)
    notified = {notice.occasion_id for notice in notices}
    requests = LeadEvent.objects.filter(kind=EventKind.NEW_REQUEST, lead__in=owed.values("lead"))
    for request in requests.order_by("pk"):
        waits_since = waiting.get(request.payload["handoff"])
        is_waiting = waits_since is not None and request.occurred_at >= waits_since
        if is_waiting and request.payload["touch"] not in notified:
            yield Violation(f"lead {request.lead_id}", "no one was notified of its new request")


def _without_clock(handoffs: QuerySet[Handoff], kind: ClockKind) -> QuerySet[Handoff]:
    clocks = SlaClock.objects.filter(handoff=OuterRef("pk"), kind=kind.code)
    targets = SlaTarget.objects.filter(
        policy=OuterRef("policy"),
        clock__in=(kind.code, kind.falls_back_on),
        lead_type=None,
        temperature="",
    )
    return handoffs.filter(
        Exists(clocks) | Exists(targets), ~Exists(clocks.filter(stopped_at=None))
    )


CHECKS: Final[Mapping[str, Check]] = {
    "every open lead has an active owner or a staffed queue": open_leads_have_an_owner,
    "every open handoff has an active owner or a staffed queue": open_handoffs_have_an_owner,
    "a lead and its open handoff have the same owner": handoffs_and_leads_have_the_same_owner,
    "a closed lead has no open handoff": closed_leads_have_no_open_handoff,
    "a returned lead stays with marketing until it may be offered": (
        returned_leads_stay_with_marketing
    ),
    "a returned lead is offered again only for a reason": returned_leads_are_offered_for_a_reason,
    "no lead is past the date on which it resurfaces": no_lead_is_past_its_date,
    "no lead waits in a queue while someone is free to get it": no_lead_waits_while_someone_is_free,
    "every SLA target that is owed has a running clock": owed_targets_have_clocks,
    "every clock keeps the policy of its offer": clocks_keep_the_policy_of_the_offer,
    "no one on time off holds leads that it was to reassign": people_away_hold_no_unanswered_leads,
    "every answer counts for whoever gave it": answers_count_for_whoever_gave_them,
    "no notice was sent that was not true any more": sent_notices_were_true,
    "no suppressed contact is offered": suppressed_contacts_are_not_offered,
    "marketing was notified of every suppressed contact who asks": (
        suppressed_requests_have_a_notice
    ),
    "someone was notified of every new request that waits": new_requests_have_a_notice,
}
