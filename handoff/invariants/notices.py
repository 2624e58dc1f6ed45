"""Check that notices are sent where they are needed, and only while they are true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from core.invariants import Check, Violation
from handoff.models import Handoff, SlaClock
from handoff.notice_kinds import (
    CLOCK_BREACHED,
    CLOCK_WARNED,
    NEW_REQUEST,
    OFFERED,
    RETURNED,
    SUPPRESSED_REQUEST,
)
from handoff.suppressed_requests import NOTIFIED_WITHIN, unheard_leads
from leads.models import EventKind, LeadEvent
from people.models import Notice
from people.notice_kinds import NoticeKind
from people.notices import RETENTION

State = Handoff.State
NOTICES_CHECKED_SINCE: Final = "0013_loss_reasons"
# An answer is dated when it is given, and may be committed while a notice is being sent.
SEND_TIME: Final = timedelta(minutes=1)
# The id that the key of a notice names.
OCCASION: Final = Cast(
    Func(F("key"), Value(":([0-9]{1,18}):"), function="substring"), BigIntegerField()
)


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


CHECKS: Final[Mapping[str, Check]] = {
    "no notice was sent that was not true any more": sent_notices_were_true,
    "marketing was notified of every suppressed contact who asks": (
        suppressed_requests_have_a_notice
    ),
    "someone was notified of every new request that waits": new_requests_have_a_notice,
}
