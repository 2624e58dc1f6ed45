"""Check that no lead waits in a queue without need."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db.models import F, Q, QuerySet

from core.invariants import Check, Violation
from handoff.models import Handoff, RuleSet
from handoff.waiting import OFFERED_WITHIN, assignments
from leads.models import Temperature


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


def waiting_leads_keep_their_place(at: datetime) -> Iterator[Violation]:
    is_hot = Q(lead__temperature=Temperature.HOT)
    since = Q(waits_since=F("lead__stage_entered_at"))
    in_place = since & (Q(waits_as_hot=True) & is_hot | Q(waits_as_hot=False) & ~is_hot)
    misplaced = Handoff.objects.waiting().exclude(in_place).order_by("lead")
    for lead_id in misplaced.values_list("lead", flat=True):
        yield Violation(f"lead {lead_id}", "it does not wait in its place")


def free_lately(user_ids: Collection[int], *, since: datetime) -> Iterator[int]:
    """Yield those who finished a lead, or whose membership changed, after a moment."""
    closed = Handoff.objects.filter(owner__in=user_ids, closed_at__gt=since)
    yield from closed.values_list("owner", flat=True)
    versions: QuerySet[Any] = apps.get_model("people", "MembershipEvent")._default_manager.all()
    changed = versions.filter(user__in=user_ids, pgh_created_at__gt=since)
    yield from changed.values_list("user", flat=True)


CHECKS: Final[Mapping[str, Check]] = {
    "no lead waits in a queue while someone is free to get it": no_lead_waits_while_someone_is_free,
    "leads wait by their temperature and by when they became ready": waiting_leads_keep_their_place,
}
