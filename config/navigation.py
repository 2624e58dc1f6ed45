"""Which pages the top bar offers to whom; the frame around every page reads it from here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from people.roles import ANSWERS_HANDOFFS, EDITS_CONFIGURATION, READS_REPORTS, RUNS_A_TEAM, Role

EVERYBODY: Final = frozenset(Role)


@dataclass(frozen=True)
class Page:
    label: str
    view_name: str
    roles: frozenset[Role] = EVERYBODY
    parts: tuple["Page", ...] = ()


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    view_names: frozenset[str]
    parts: tuple["Link", ...] = ()


PAGES: Final = (
    Page("Inbox", "handoff:inbox", ANSWERS_HANDOFFS),
    Page("Queues", "handoff:queues", ANSWERS_HANDOFFS | {Role.HANDOFF_OWNER, Role.OPERATIONS}),
    Page("Leads", "leads:list"),
    Page("Team desk", "handoff:team_desk", RUNS_A_TEAM | {Role.HANDOFF_OWNER, Role.LEADER}),
    Page(
        "Reports",
        "reporting:overview",
        READS_REPORTS,
        parts=(
            Page("Overview", "reporting:overview", READS_REPORTS),
            Page("Funnel", "reporting:funnel", READS_REPORTS),
            Page("Sources", "reporting:sources", READS_REPORTS),
            Page("Rejections", "reporting:rejections", READS_REPORTS),
            Page("Speed", "reporting:speed", READS_REPORTS),
        ),
    ),
    Page("Admin", "admin:index", EDITS_CONFIGURATION),
)


@lru_cache(maxsize=64)
def links_for(roles: frozenset[Role]) -> tuple[Link, ...]:
    return tuple(links_among(PAGES, roles))


def links_among(pages: tuple[Page, ...], roles: frozenset[Role]) -> Iterator[Link]:
    for page in pages:
        if not page.roles & roles:
            continue
        try:
            href = reverse(page.view_name)
        except NoReverseMatch:  # a page that is still to come is not offered yet
            continue
        parts = tuple(links_among(page.parts, roles))
        names = frozenset({page.view_name}).union(*(part.view_names for part in parts))
        yield Link(page.label, href, names, parts)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html; costs nothing on a page that has no frame."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"links": (), "here": "", "unread": 0}
    roles = frozenset(Role) if user.is_superuser else user.roles
    match = request.resolver_match
    return {
        "links": links_for(roles),
        "here": match.view_name if match else "",
        "unread": getattr(user, "unread_count", 0),
    }
