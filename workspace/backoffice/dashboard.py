"""The admin start page: live versions, drafts and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.formatting import counted
from core.permissions import Right
from core.raw_sql import fetch_rows
from core.versioning.models import ContentStatus, Version
from handoff.models import RejectionReason, RuleSet, SlaPolicy
from handoff.routing import publishing
from leads.live_catalog import live_catalog
from leads.models import Lead, ScoringModel, StageDefinition
from people.models import Membership, Team, User
from people.roles import Role
from workspace.navigation import PAGES, links_among

VERSIONED: tuple[type[Version], ...] = (RuleSet, SlaPolicy, ScoringModel, StageDefinition)
ROLE_NAMES = [role.label for role in Role]
MAX_COUNT: Final = 10_000
MAX_LATE: Final = 1_000
# Each count stops at its limit and reads a range of an index. A handoff is due with its first
# clock.
FIGURES_SQL: Final = """
SELECT
    (SELECT count(*) FROM (
        SELECT FROM leads_lead WHERE closed_at IS NULL LIMIT %(limit)s
    ) AS open),
    (SELECT count(*) FROM (
        SELECT FROM handoff_handoff WHERE closed_at IS NULL AND owner_id IS NULL LIMIT %(limit)s
    ) AS waiting),
    (SELECT count(*) FROM (
        SELECT FROM handoff_handoff WHERE closed_at IS NULL AND state = 'offered' LIMIT %(limit)s
    ) AS to_answer),
    (SELECT count(*) FROM (
        SELECT FROM handoff_handoff AS handoff
        JOIN handoff_slaclock AS clock ON clock.handoff_id = handoff.id
            AND clock.stopped_at IS NULL AND clock.due_at <= %(at)s
        WHERE handoff.closed_at IS NULL AND handoff.due_at <= %(at)s LIMIT %(late_limit)s
    ) AS late)
"""


@dataclass(frozen=True)
class Concern:
    """A problem, and the page where it is fixed."""

    text: str
    href: str


class Figure(NamedTuple):
    """A number that is counted no further than `most`."""

    label: str
    value: int
    most: int


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    user = request.user
    assert isinstance(user, User)
    rights = frozenset(Right) if user.is_superuser else user.rights
    here = reverse("admin:index")
    versions = live_and_drafts()
    return context | {
        "figures": figures(at=timezone.now()),
        "concerns": concerns(versions),
        "published": [row(version) for version in versions if is_shown_live(version)],
        "drafts": [row(version) for version in versions if version.is_draft],
        "pages": [link for link in links_among(PAGES, rights) if link.href != here],
    }


def figures(*, at: datetime) -> list[Figure]:
    params = {"at": at, "limit": MAX_COUNT + 1, "late_limit": MAX_LATE + 1}
    ((leads, waiting, to_answer, late),) = fetch_rows(FIGURES_SQL, params)
    return [
        Figure("Open leads", leads, MAX_COUNT),
        Figure("Waiting in queues", waiting, MAX_COUNT),
        Figure("Awaiting an answer", to_answer, MAX_COUNT),
        Figure("Overdue SLA timers", late, MAX_LATE),
    ]


def concerns(versions: Sequence[Version]) -> list[Concern]:
    rule_sets = [version for version in versions if isinstance(version, RuleSet)]
    return [
        *rule_concerns(rule_sets),
        *team_concerns(),
        *people_concerns(),
        *reason_concerns(),
    ]


def rule_concerns(rule_sets: Sequence[RuleSet]) -> list[Concern]:
    """Find problems of the live rules; they are fixed in the newest draft, if there is one."""
    live = next((rule_set for rule_set in rule_sets if not rule_set.is_draft), None)
    if live is None:
        href = reverse("admin:handoff_ruleset_changelist")
        return [Concern("No rule set is live, so leads cannot be routed.", href)]
    working = max(rule_sets, key=lambda rule_set: (rule_set.is_draft, rule_set.version))
    rules = publishing.active_rules(live)
    return [
        Concern(f"{live}: {problem}", url_of(problem.queue or working))
        for problem in publishing.problems_in(live, rules, live_catalog())
    ]


def team_concerns() -> list[Concern]:
    """Find queues with leads but no active member."""
    staffed = Membership.objects.filter(team=OuterRef("pk"), user__is_active=True)
    waiting = Lead.objects.open().filter(owner=None, queue=OuterRef("pk"))
    empty = Team.objects.filter(~Exists(staffed), Exists(waiting)).order_by("name")
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
    held = Lead.objects.open().filter(owner__is_active=False)[:MAX_COUNT].count()
    if held:
        text = f"{counted(held, 'open lead is', 'open leads are')} assigned to inactive users."
        concerns.append(Concern(text, f"{users}?is_active__exact=0"))
    roles = User.groups.through.objects.filter(user=OuterRef("pk"))
    has_role = Exists(roles.filter(group__name__in=ROLE_NAMES))
    is_rep = Exists(roles.filter(group__name=Role.REP.label))
    has_team = Exists(Membership.objects.filter(user=OuterRef("pk")))
    active = User.objects.filter(is_active=True).aggregate(
        without_role=Count("pk", filter=Q(~has_role, is_superuser=False)),
        without_team=Count("pk", filter=Q(is_rep, ~has_team)),
    )
    if count := active["without_role"]:
        text = f"{counted(count, 'active user has', 'active users have')} no role."
        concerns.append(Concern(text, users))
    if count := active["without_team"]:
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


def live_and_drafts() -> list[Version]:
    return [
        version
        for model in VERSIONED
        for version in model._default_manager.filter(
            status__in=[ContentStatus.PUBLISHED, ContentStatus.DRAFT]
        )
        .select_related("published_by")
        .order_by("pk")
    ]


def is_shown_live(version: Version) -> bool:
    """Leave out the ten stage definitions, which seldom change."""
    return not version.is_draft and not isinstance(version, StageDefinition)


def row(version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "kind": version._meta.verbose_name,
        "href": url_of(version),
    }


def url_of(instance: Any) -> str:
    opts = instance._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[instance.pk])
