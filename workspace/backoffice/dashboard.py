"""The admin start page: live versions, drafts and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.compiled import CompiledQuery
from core.formatting import counted
from core.permissions import Right
from core.raw_sql import fetch_rows
from core.versioning.models import ContentStatus, Version
from handoff.models import RuleSet, SlaPolicy
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
# Each count of what grows stops at its limit and reads a range of an index. A limit is part of the
# SQL, as PostgreSQL takes an unknown one for a tenth of the rows. A handoff is due with its first
# clock.
NUMBERS_SQL: Final = """
SELECT
    (SELECT count(*) FROM (
        SELECT FROM leads_lead WHERE closed_at IS NULL LIMIT {most} + 1
    ) AS open),
    (SELECT count(*) FROM (
        SELECT FROM handoff_handoff WHERE closed_at IS NULL AND owner_id IS NULL
        LIMIT {most} + 1
    ) AS waiting),
    (SELECT count(*) FROM (
        SELECT FROM handoff_handoff WHERE closed_at IS NULL AND state = 'offered'
        LIMIT {most} + 1
    ) AS to_answer),
    (SELECT count(*) FROM (
        SELECT FROM (
            SELECT id FROM handoff_handoff WHERE closed_at IS NULL AND due_at <= %(at)s
            LIMIT {most_late} + 1
        ) AS handoff
        JOIN handoff_slaclock AS clock ON clock.handoff_id = handoff.id
            AND clock.stopped_at IS NULL AND clock.due_at <= %(at)s
        LIMIT {most_late} + 1
    ) AS late),
    (SELECT count(*) FROM (
        SELECT FROM people_user AS owner
        JOIN leads_lead AS lead ON lead.owner_id = owner.id AND lead.closed_at IS NULL
        WHERE NOT owner.is_active LIMIT {most}
    ) AS held),
    (SELECT count(*) FROM people_user AS member WHERE is_active AND NOT is_superuser
        AND NOT EXISTS (
            SELECT FROM people_user_groups JOIN auth_group AS role ON role.id = group_id
            WHERE user_id = member.id AND role.name = ANY(%(roles)s)
        )
    ),
    (SELECT count(*) FROM people_user AS member WHERE is_active
        AND EXISTS (
            SELECT FROM people_user_groups JOIN auth_group AS role ON role.id = group_id
            WHERE user_id = member.id AND role.name = %(rep)s
        )
        AND NOT EXISTS (SELECT FROM people_membership WHERE user_id = member.id)
    ),
    (SELECT count(*) FROM handoff_rejectionreason WHERE is_active)
"""


@dataclass(frozen=True)
class Concern:
    """A problem, and the page where it is fixed."""

    text: str
    href: str


class Numbers(NamedTuple):
    open_leads: int
    waiting: int
    to_answer: int
    late: int
    leads_of_inactive: int
    without_role: int
    without_team: int
    reasons: int


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
    versions, numbers = live_and_drafts(), read_numbers(at=timezone.now())
    return context | {
        "figures": figures(numbers),
        "concerns": concerns(versions, numbers),
        "published": [row(version) for version in versions if not version.is_draft],
        "drafts": [row(version) for version in versions if version.is_draft],
        "pages": [link for link in links_among(PAGES, rights) if link.href != here],
    }


def read_numbers(*, at: datetime) -> Numbers:
    sql = NUMBERS_SQL.format(most=MAX_COUNT, most_late=MAX_LATE)
    (numbers,) = fetch_rows(sql, {"at": at, "roles": ROLE_NAMES, "rep": Role.REP.label})
    return Numbers(*numbers)


def figures(numbers: Numbers) -> list[Figure]:
    return [
        Figure("Open leads", numbers.open_leads, MAX_COUNT),
        Figure("Waiting in queues", numbers.waiting, MAX_COUNT),
        Figure("Awaiting an answer", numbers.to_answer, MAX_COUNT),
        Figure("Overdue SLA timers", numbers.late, MAX_LATE),
    ]


def concerns(versions: Sequence[Version], numbers: Numbers) -> list[Concern]:
    rule_sets = [version for version in versions if isinstance(version, RuleSet)]
    return [
        *rule_concerns(rule_sets),
        *team_concerns(),
        *people_concerns(numbers),
        *reason_concerns(numbers.reasons),
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
    return [
        Concern(
            f"Leads are waiting in the {team} queue, but the team has no active members.",
            url_of(team),
        )
        for team in UNSTAFFED_QUEUES.rows()
    ]


def unstaffed_queues() -> QuerySet[Team]:
    staffed = Membership.objects.filter(team=OuterRef("pk"), user__is_active=True)
    waiting = Lead.objects.open().filter(owner=None, queue=OuterRef("pk"))
    return Team.objects.filter(~Exists(staffed), Exists(waiting)).order_by("name")


def people_concerns(numbers: Numbers) -> list[Concern]:
    concerns = []
    users = reverse("admin:people_user_changelist")
    if held := numbers.leads_of_inactive:
        text = f"{counted(held, 'open lead is', 'open leads are')} assigned to inactive users."
        concerns.append(Concern(text, f"{users}?is_active__exact=0"))
    if count := numbers.without_role:
        text = f"{counted(count, 'active user has', 'active users have')} no role."
        concerns.append(Concern(text, users))
    if count := numbers.without_team:
        text = f"{counted(count, 'rep is', 'reps are')} on no team and cannot get leads."
        concerns.append(Concern(text, users))
    return concerns


def reason_concerns(active: int) -> list[Concern]:
    if 5 <= active <= 7:
        return []
    advice = "Use seven or fewer" if active > 7 else "Add at least five"
    text = f"{counted(active, 'rejection reason is', 'rejection reasons are')} active. {advice}."
    return [Concern(text, reverse("admin:handoff_rejectionreason_changelist"))]


def live_and_drafts() -> list[Version]:
    return [version for model in VERSIONED for version in LIVE_AND_DRAFTS.rows(model)]


def live_and_drafts_of(model: type[Version]) -> QuerySet[Version]:
    """Leave out the ten live stage definitions, which seldom change."""
    statuses = [ContentStatus.DRAFT]
    if model is not StageDefinition:
        statuses.append(ContentStatus.PUBLISHED)
    versions = model._default_manager.filter(status__in=statuses)
    return versions.select_related("published_by").order_by("pk")


UNSTAFFED_QUEUES: Final = CompiledQuery(unstaffed_queues)
LIVE_AND_DRAFTS: Final = CompiledQuery(live_and_drafts_of)


def row(version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "kind": version._meta.verbose_name,
        "href": url_of(version),
    }


def url_of(instance: Any) -> str:
    opts = instance._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[instance.pk])
