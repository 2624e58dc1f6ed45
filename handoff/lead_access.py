"""Decide which leads, contacts and companies a user may open, for pages, API and exports."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.permissions import Right
from handoff.models import Handoff
from leads.models import Company, Contact, Lead, LeadQuerySet, held_by_team_of
from leads.stages import Stage
from people.models import User

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


def answered_leads(leads: LeadQuerySet, user: User) -> LeadQuerySet:
    """Return the leads with a handoff that this user has answered."""
    return leads.filter(pk__in=Handoff.objects.filter(answered_by=user).values("lead"))


def returned_leads(leads: LeadQuerySet) -> LeadQuerySet:
    """Return the leads that marketing has to complete: returned by sales, or out of reach.

    Other rejections and the next offer move the lead to another stage.
    """
    engaged = Handoff.objects.filter(lead__stage=Stage.ENGAGED).order_by()
    returned = engaged.filter(state__in=RETURNED_STATES).values("lead")
    incomplete = Lead.objects.open().exclude(missing_fields=[]).order_by().values("pk")
    return leads.filter(pk__in=returned.union(incomplete))


def is_returned(lead: Lead, latest: Handoff) -> bool:
    """Return whether `returned_leads` has the lead, given its latest handoff."""
    return lead.stage == Stage.ENGAGED and latest.state in RETURNED_STATES


def _had_before(user: User) -> Exists:
    """Match leads with a handoff the user owned or answered; for managers, one of their teams."""
    had = Q(owner=user) | Q(answered_by=user)
    if user.may(Right.MANAGE_TEAM):
        had |= Q(team__in=user.team_ids)
    return Exists(Handoff.objects.filter(had, lead=OuterRef("pk")))
