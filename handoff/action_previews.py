"""Say what an action on many leads will do, without doing it. The actions check again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef

from core.permissions import Right
from handoff import marketing_actions as marketing
from handoff.models import Handoff
from handoff.workload import open_handoffs
from leads.contact_names import name_contacts
from leads.models import Lead
from leads.qualification import can_be_reached
from people.absences import members_run_by
from people.choices import able_users
from people.models import Absence, Membership, User

# Actions that send a lead to sales, so they need a contact that sales can reach.
SENDS: Final = frozenset({"send", "release"})
NO_HANDOFF: Final = "Sales does not have it."
NOT_YOURS: Final = "It is not with one of your teams."


@dataclass(frozen=True)
class Preview:
    """The ids of leads that the action will reach, and the names of the others by reason."""

    lead_ids: list[int]
    refusals: Mapping[str, list[str]]

    @property
    def refused(self) -> int:
        return sum(map(len, self.refusals.values()))


def preview_marketing_action(action: str, lead_ids: Collection[int]) -> Preview:
    with_sales = Exists(Handoff.objects.open().filter(lead=OuterRef("pk")))
    rows = Lead.objects.filter(pk__in=lead_ids).select_related("contact").order_by("pk")
    leads = list(rows.annotate(is_with_sales=with_sales))
    names = names_by_lead(leads)
    allowed: list[int] = []
    refusals: dict[str, list[str]] = defaultdict(list)
    for lead in leads:
        problem = problem_with(action, lead, is_with_sales=getattr(lead, "is_with_sales", False))
        if problem:
            refusals[problem].append(names[lead.pk])
        else:
            allowed.append(lead.pk)
    return Preview(allowed, dict(refusals))


def problem_with(action: str, lead: Lead, *, is_with_sales: bool) -> str:
    """Return the refusal of the action, in its order of checks, or an empty text."""
    contact = lead.contact
    if not lead.is_open:
        return marketing.CLOSED
    if is_with_sales:
        return marketing.WITH_SALES
    if action == "send" and contact.suppressed_at is not None:
        return marketing.SUPPRESSED
    if action == "release":
        if contact.suppressed_at is None:
            return marketing.NOT_SUPPRESSED
        if problem := marketing.problem_with_consent(contact):
            return problem
    return marketing.OUT_OF_REACH if action in SENDS and not can_be_reached(contact) else ""


class Colleague(NamedTuple):
    """`gets` leads will go to them; they have some already, and had some before."""

    user_id: int
    name: str
    open_leads: int
    capacity: int | None
    absent_until: datetime | None
    gets: int
    has: int
    had_before: int

    @property
    def open_after(self) -> int:
        return self.open_leads + self.gets

    @property
    def is_over_capacity(self) -> bool:
        return self.capacity is not None and self.open_after > self.capacity


@dataclass(frozen=True)
class ReassignmentPreview(Preview):
    """The handoffs that can be reassigned at all, and how many each colleague would get."""

    handoff_ids: list[int]
    colleagues: list[Colleague]


def preview_reassignment(
    lead_ids: Collection[int], *, by: User, at: datetime
) -> ReassignmentPreview:
    """Read the handoffs, their earlier owners and the colleagues, whatever the number of leads."""
    leads = names_by_lead(Lead.objects.filter(pk__in=lead_ids).select_related("contact"))
    handoffs = Handoff.objects.open().filter(lead__in=leads).order_by("pk")
    answerable = Exists(Handoff.objects.answerable_by(by, at=at).filter(pk=OuterRef("pk")))
    may_all = by.may(Right.MANAGE_EVERY_TEAM)
    movable: dict[int, Handoff] = {}
    refusals: dict[str, list[str]] = defaultdict(list)
    reasons = dict.fromkeys(leads, NO_HANDOFF)
    for handoff in handoffs.annotate(is_answerable=answerable):
        if may_all or getattr(handoff, "is_answerable", False):
            movable[handoff.lead_id] = handoff
            del reasons[handoff.lead_id]
        else:
            reasons[handoff.lead_id] = NOT_YOURS
    for lead_id, reason in reasons.items():
        refusals[reason].append(leads[lead_id])
    earlier = Handoff.objects.filter(lead__in=movable).exclude(owner=None).order_by()
    owners = set(earlier.values_list("lead", "owner").distinct())
    colleagues = colleagues_of(by, movable, owners, at=at)
    handoff_ids = [handoff.pk for handoff in movable.values()]
    return ReassignmentPreview(list(movable), dict(refusals), handoff_ids, colleagues)


def colleagues_of(
    by: User, movable: Mapping[int, Handoff], owners: set[tuple[int, int]], *, at: datetime
) -> list[Colleague]:
    able = able_users(Right.ANSWER_HANDOFFS).values("pk")
    people = dict(
        members_run_by(by).filter(pk__in=able).order_by("name", "pk").values_list("pk", "name")
    )
    away = Absence.objects.at(at).filter(user__in=people).order_by("ends_at")
    absent_until = dict(away.values_list("user", "ends_at"))
    members = Membership.objects.filter(user__in=people, capacity__isnull=False)
    capacities = dict(members.order_by("-capacity").values_list("user", "capacity"))
    load = open_handoffs(people)
    has = Counter(handoff.owner_id for handoff in movable.values())
    had = Counter(owner_id for _, owner_id in owners)
    return [
        Colleague(
            user_id,
            name,
            load[user_id],
            capacities.get(user_id),
            absent_until.get(user_id),
            gets=len(movable) - had[user_id],
            has=has[user_id],
            had_before=had[user_id] - has[user_id],
        )
        for user_id, name in people.items()
    ]


def names_by_lead(leads: Collection[Lead]) -> dict[int, str]:
    """Return what the contact of each lead is called."""
    name_contacts([lead.contact for lead in leads])
    return {lead.pk: str(lead.contact) for lead in leads}
