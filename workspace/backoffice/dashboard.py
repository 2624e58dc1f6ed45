"""The admin start page: live versions, drafts and what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.formatting import counted
from core.permissions import Right
from core.versioning.models import ContentStatus, Version
from handoff.admin.rules import working_rule_set_url
from handoff.models import Handoff, RejectionReason, RuleSet, SlaClock, SlaPolicy
from handoff.routing import publishing
from leads.models import Lead, ScoringModel, StageDefinition
from people.models import Membership, Team, User
from people.roles import Role
from workspace.navigation import PAGES, links_among

VERSIONED: tuple[type[Version], ...] = (RuleSet, SlaPolicy, ScoringModel, StageDefinition)
ROLE_NAMES = [role.label for role in Role]


@dataclass(frozen=True)
class Concern:
    """A problem, and the page where it is fixed."""

    text: str
    href: str


@dataclass(frozen=True)
class Figure:
    label: str
    value: int
    note: str = ""


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    user = request.user
    assert isinstance(user, User)
    rights = frozenset(Right) if user.is_superuser else user.rights
    here = reverse("admin:index")
    return context | {
        "figures": figures(),
        "concerns": concerns(),
        "published": [row(version) for version in published()],
        "drafts": [row(version) for version in drafts()],
        "pages": [link for link in links_among(PAGES, rights) if link.href != here],
    }


def figures() -> list[Figure]:
    now = timezone.now()
    leads, handoffs = Lead.objects.filter(closed_at=None), Handoff.objects.open()
    late = SlaClock.objects.filter(stopped_at=None, due_at__lte=now)
    return [
        Figure("Open leads", leads.count()),
        Figure("Waiting in queues", handoffs.filter(owner=None).count()),
        Figure("Awaiting an answer", handoffs.filter(state=Handoff.State.OFFERED).count()),
        Figure("Overdue SLA timers", late.count()),
    ]


def concerns() -> list[Concern]:
    return [
        *rule_concerns(),
        *team_concerns(),
        *people_concerns(),
        *reason_concerns(),
    ]


def rule_concerns() -> list[Concern]:
    rule_set = RuleSet.objects.filter(status=ContentStatus.PUBLISHED).first()
    if rule_set is None:
        href = reverse("admin:handoff_ruleset_changelist")
        return [Concern("No rule set is live, so leads cannot be routed.", href)]
    unstaffed, rules = publishing.unstaffed_queues(rule_set), working_rule_set_url()
    return [
        Concern(
            f"{rule_set}: {problem}",
            url_of(unstaffed[problem]) if problem in unstaffed else rules,
        )
        for problem in publishing.problems_of(rule_set)
    ]


def team_concerns() -> list[Concern]:
    """Find queues with leads but no active member."""
    staffed = Membership.objects.filter(user__is_active=True).values("team")
    waiting = Lead.objects.filter(closed_at=None, owner=None).values("queue")
    empty = Team.objects.filter(pk__in=waiting).exclude(pk__in=staffed).order_by("name")
    return [
        Concern(
            f"Leads are waiting in the {team} queue, but the team has no active members.",
            url_of(team),
        )
        for team in empty
    ]


def people_concerns() -> list[Concern]:
    concerns = []
    users = reverse("admin:people_user_changelist")
    held = Lead.objects.filter(closed_at=None, owner__is_active=False).count()
    if held:
        text = f"{counted(held, 'open lead is', 'open leads are')} assigned to inactive users."
        concerns.append(Concern(text, f"{users}?is_active__exact=0"))
    idle = User.objects.filter(is_active=True, is_superuser=False).exclude(
        groups__name__in=ROLE_NAMES
    )
    if count := idle.count():
        text = f"{counted(count, 'active user has', 'active users have')} no role."
        concerns.append(Concern(text, users))
    reps = User.objects.filter(is_active=True, groups__name=Role.REP.label)
    if count := reps.filter(memberships=None).count():
        text = f"{counted(count, 'rep is', 'reps are')} on no team and cannot get leads."
        concerns.append(Concern(text, users))
    return concerns


def reason_concerns() -> list[Concern]:
    href = reverse("admin:handoff_rejectionreason_changelist")
    active = RejectionReason.objects.filter(is_active=True).count()
    if 5 <= active <= 7:
        return []
    advice = "Use seven or fewer" if active > 7 else "Add at least five"
    return [
        Concern(
            f"{counted(active, 'rejection reason is', 'rejection reasons are')} active. {advice}.",
            href,
        )
    ]


def published() -> list[Version]:
    """Return live versions, without the ten stage definitions, which seldom change."""
    return [
        version
        for model in VERSIONED
        if model is not StageDefinition
        for version in _in(model, ContentStatus.PUBLISHED)
    ]


def drafts() -> list[Version]:
    return [version for model in VERSIONED for version in _in(model, ContentStatus.DRAFT)]


def row(version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "kind": version._meta.verbose_name,
        "href": url_of(version),
    }


def _in(model: type[Version], status: ContentStatus) -> QuerySet[Any]:
    rows = model._default_manager.filter(status=status).select_related("published_by")
    return rows.order_by("pk")


def url_of(instance: Any) -> str:
    opts = instance._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[instance.pk])
