"""Which pages the top bar offers to whom; the frame around every page reads it from here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from core.hot_rows import with_blanks
from core.permissions import Right
from core.templatetags.frame import initials

MOST_SHOWN: Final = 99
BLANKS: Final = ("person", "email", "initials", "unread", "unread_shown", "csrf")


@dataclass(frozen=True)
class Page:
    label: str
    view_name: str
    rights: tuple[Right, ...]
    also: frozenset[str] = frozenset()  # views it leads to that have no place of their own
    parts: tuple["Page", ...] = ()
    query: str = ""  # of a view that has a place of its own without it


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    view_names: frozenset[str]
    parts: tuple["Link", ...] = ()


PAGES: Final = (
    Page("Inbox", "workspace:inbox", (Right.ANSWER_HANDOFFS,)),
    Page("Queues", "workspace:queues", (Right.ANSWER_HANDOFFS, Right.SEE_QUEUES)),
    Page("Leads", "workspace:leads", (Right.SEE_LEADS,), also=frozenset({"workspace:lead"})),
    Page("Sent back", "workspace:leads", (Right.EDIT_CONTEXT,), query="?sent_back=yes"),
    Page("Team desk", "workspace:team", (Right.MANAGE_TEAM, Right.SEE_TEAMS)),
    Page(
        "Reports",
        "reporting:overview",
        (Right.READ_REPORTS,),
        also=frozenset({"reporting:leads"}),
        parts=(
            Page("Overview", "reporting:overview", (Right.READ_REPORTS,)),
            Page("Funnel", "reporting:funnel", (Right.READ_REPORTS,)),
            Page("Sources", "reporting:sources", (Right.READ_REPORTS,)),
            Page("Rejections", "reporting:rejections", (Right.READ_REPORTS,)),
            Page("Speed", "reporting:speed", (Right.READ_REPORTS,)),
        ),
    ),
    Page("Campaigns", "admin:leads_campaign_changelist", (Right.EDIT_CAMPAIGNS,)),
    Page("Admin", "admin:index", (Right.PUBLISH,)),
)


def links_among(pages: tuple[Page, ...], rights: frozenset[Right]) -> Iterator[Link]:
    for page in pages:
        if rights.isdisjoint(page.rights):
            continue
        parts = tuple(links_among(page.parts, rights))
        own = set() if page.query else {page.view_name}
        names = page.also.union(own, *(part.view_names for part in parts))
        yield Link(page.label, f"{reverse(page.view_name)}{page.query}", names, parts)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html; costs nothing on a page that has no frame."""
    return {"bar": SimpleLazyObject(lambda: bar(request))}


def bar(request: HttpRequest) -> SafeString:
    user = getattr(request, "user", None)
    match = request.resolver_match
    here = match.view_name if match else ""
    if user is None or not user.is_authenticated:
        return SafeString(drawn(None, here, has_unread=False).format())
    rights = frozenset(Right) if user.is_superuser else user.rights
    unread = getattr(user, "unread_count", 0)
    return SafeString(
        drawn(rights, here, has_unread=unread > 0).format(
            person=escape(str(user)),
            email=escape(user.email),
            initials=escape(initials(user)),
            unread=unread,
            unread_shown="99+" if unread > MOST_SHOWN else unread,
            csrf=get_token(request),
        )
    )


@lru_cache(maxsize=512)
def drawn(rights: frozenset[Right] | None, here: str, *, has_unread: bool) -> str:
    """The same few bars stand over every page, so each is rendered once, with blanks in it."""
    context = {
        "is_signed_in": rights is not None,
        "links": tuple(links_among(PAGES, rights or frozenset())),
        "here": here,
        "has_unread": has_unread,
    }
    return with_blanks("components/_bar.html", BLANKS, context)
