"""Which pages the top bar offers to whom; the frame around every page reads it from here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from people.roles import ANSWERS_HANDOFFS, EDITS_CONFIGURATION, READS_REPORTS, RUNS_A_TEAM, Role

EVERYBODY: Final = frozenset(Role)


@dataclass(frozen=True)
class Page:
    label: str
    view_name: str
    roles: frozenset[Role] = EVERYBODY
    also: frozenset[str] = frozenset()  # views it leads to that have no place of their own
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
    Page("Leads", "leads:list", also=frozenset({"feedback:lead"})),
    Page("Team desk", "handoff:team_desk", RUNS_A_TEAM | {Role.HANDOFF_OWNER, Role.LEADER}),
    Page(
        "Reports",
        "reporting:overview",
        READS_REPORTS,
        also=frozenset({"reporting:leads"}),
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


def links_among(pages: tuple[Page, ...], roles: frozenset[Role]) -> Iterator[Link]:
    for page in pages:
        if not page.roles & roles:
            continue
        parts = tuple(links_among(page.parts, roles))
        names = page.also.union({page.view_name}, *(part.view_names for part in parts))
        yield Link(page.label, reverse(page.view_name), names, parts)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html; costs nothing on a page that has no frame."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    roles = frozenset(Role) if user.is_superuser else user.roles
    match = request.resolver_match
    nav, sub_nav = drawn(roles, match.view_name if match else "")
    return {"nav": nav, "sub_nav": sub_nav, "unread": getattr(user, "unread_count", 0)}


@lru_cache(maxsize=512)
def drawn(roles: frozenset[Role], here: str) -> tuple[SafeString, SafeString]:
    """The same few bars stand over every page, so each is rendered once and kept."""
    context = {"links": tuple(links_among(PAGES, roles)), "here": here}
    return (
        render_to_string("components/_nav.html", context),
        render_to_string("components/_sub_nav.html", context),
    )
