"""Decide which leads, contacts and companies a user may open, for pages, API and exports."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.permissions import Right
from handoff.models import Handoff
from leads.models import Company, Contact, Lead, LeadQuerySet, held_by_team_of
from leads.stages import Stage
from people.choices import able_users
from people.models import Membership, Team, User

RETURNED_STATES: Final = (Handoff.State.CANNOT_EVALUATE, Handoff.State.REJECTED)


def visible_leads(user: User) -> LeadQuerySet:
    """Return all leads, or those that the user or their teams have or had.

    Former leads are checked row by row, so filter the result to a few leads.
    """
    if not user.is_active or not user.may(Right.SEE_LEADS):
        return Lead.objects.none()
    if user.may(Right.SEE_EVERY_LEAD):
        return Lead.objects.all()
    return Lead.objects.filter(held_by_team_of(user) | Q(_had_before(user)))


def visible_contacts(user: User) -> QuerySet[Contact]:
    """Return the contacts with a lead that the user may open."""
    if user.is_active and user.may(Right.SEE_EVERY_LEAD):
        return Contact.objects.all()
    return Contact.objects.filter(Exists(visible_leads(user).filter(contact=OuterRef("pk"))))


def visible_companies(user: User) -> QuerySet[Company]:
    """Return the companies of the leads that the user may open, and of their contacts."""
    if user.is_active and user.may(Right.SEE_EVERY_LEAD):
        return Company.objects.all()
    leads = visible_leads(user)
    of_lead = Exists(leads.filter(company=OuterRef("pk")))
    return Company.objects.filter(of_lead | Exists(leads.filter(contact__company=OuterRef("pk"))))


def people_who_see(lead: Lead) -> QuerySet[User]:
    """Return everyone to whom `visible_leads` shows the lead, by name."""
    owners = Membership.objects.filter(user=lead.owner_id or 0).values("team")
    holding = Q(pk__in=owners) | Q(pk=lead.queue_id or 0)
    handoffs = Handoff.objects.filter(lead=lead).order_by()
    had = (
        handoffs.exclude(owner=None)
        .values("owner")
        .union(handoffs.exclude(answered_by=None).values("answered_by"))
    )
    by_team = Q(pk=lead.owner_id or 0) | Q(pk__in=had) | in_teams(Team.objects.filter(holding))
    led = has_right(Right.MANAGE_TEAM) & in_teams(
        Team.objects.filter(pk__in=handoffs.values("team"))
    )
    sees = has_right(Right.SEE_EVERY_LEAD) | (has_right(Right.SEE_LEADS) & by_team) | led
    people = User.objects.filter(is_active=True).filter(Q(is_superuser=True) | sees)
    return people.order_by("name", "pk")


def has_right(right: Right) -> Q:
    return Q(pk__in=able_users(right).values("pk"))


def in_teams(teams: QuerySet[Team]) -> Q:
    """Match the members and managers of teams."""
    members = Membership.objects.filter(team__in=teams).values("user")
    return Q(pk__in=members) | Q(pk__in=teams.exclude(manager=None).values("manager"))


def answered_leads(leads: LeadQuerySet, user: User) -> LeadQuerySet:
    """Return the leads with a handoff that this user has answered."""
    answered = Handoff.objects.filter(answered_by=user).exclude(answered_at=None)
    return leads.filter(pk__in=answered.values("lead"))


def is_returned(lead: Lead, latest: Handoff) -> bool:
    """Return whether marketing has to complete the lead, given its latest handoff."""
    is_kept = lead.stage == Stage.ENGAGED and lead.returned_at is not None
    return is_kept and latest.state in RETURNED_STATES


def _had_before(user: User) -> Exists:
    """Match leads with a handoff the user owned or answered; for managers, one of their teams."""
    had = Q(owner=user) | Q(answered_by=user)
    if user.may(Right.MANAGE_TEAM):
        had |= Q(team__in=user.team_ids)
    return Exists(Handoff.objects.filter(had, lead=OuterRef("pk")))
