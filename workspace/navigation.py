"""The pages in the top bar, by right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from core.formatting import count_text, counted
from core.permissions import Right
from people.models import User
from people.notices import MAX_UNREAD
from reporting.queries.scope import SCOPE_PARAMETERS
from workspace.home import home_of
from workspace.returned.page import count_returned


@dataclass(frozen=True)
class Page:
    label: str
    view_name: str
    rights: tuple[Right, ...]
    also: frozenset[str] = frozenset()  # views below it that have no entry of their own
    parts: tuple["Page", ...] = ()
    keeps: frozenset[str] = frozenset()  # parameters that its parts pass on to each other


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    view_names: frozenset[str]
    parts: tuple["Link", ...] = ()
    keeps: frozenset[str] = frozenset()


PAGES: Final = (
    Page("Inbox", "workspace:inbox", (Right.ANSWER_HANDOFFS,)),
    Page("Queues", "workspace:queues", (Right.ANSWER_HANDOFFS, Right.SEE_QUEUES)),
    Page(
        "Leads",
        "workspace:leads",
        (Right.SEE_LEADS,),
        also=frozenset({"workspace:lead", "workspace:add_lead"}),
    ),
    Page("Returned leads", "workspace:returned", (Right.EDIT_CONTEXT,)),
    Page(
        "Data quality",
        "workspace:data_quality",
        (Right.EDIT_CONTEXT, Right.EDIT_CONFIGURATION),
        also=frozenset({"workspace:set_aside_value"}),
    ),
    Page("Team", "workspace:team", (Right.MANAGE_TEAM, Right.SEE_TEAMS)),
    Page(
        "Reports",
        "reporting:overview",
        (Right.READ_REPORTS,),
        also=frozenset({"reporting:leads"}),
        keeps=SCOPE_PARAMETERS,
        parts=(
            Page("Overview", "reporting:overview", (Right.READ_REPORTS,)),
            Page("Funnel", "reporting:funnel", (Right.READ_REPORTS,)),
            Page("Sources", "reporting:sources", (Right.READ_REPORTS,)),
            Page("Rejections", "reporting:rejections", (Right.READ_REPORTS,)),
            Page("Speed", "reporting:speed", (Right.READ_REPORTS,)),
        ),
    ),
    Page("Campaigns", "admin:leads_campaign_changelist", (Right.EDIT_CAMPAIGNS,)),
    Page(
        "Admin",
        "admin:index",
        (Right.PUBLISH,),
        parts=(
            Page(
                "Routing rules",
                "admin:handoff_routingrule_changelist",
                (Right.PUBLISH,),
                also=frozenset(
                    f"admin:handoff_{name}"
                    for name in (
                        *("ruleset_change", "ruleset_changelist", "ruleset_publish"),
                        *("ruleset_try_lead", "ruleset_copy", "routingrule_change"),
                    )
                ),
            ),
            Page(
                "SLA policies",
                "admin:handoff_slapolicy_changelist",
                (Right.PUBLISH,),
                also=frozenset(
                    {f"admin:handoff_slapolicy_{name}" for name in ("change", "publish", "timers")}
                ),
            ),
            Page("Scoring", "admin:leads_scoringmodel_changelist", (Right.PUBLISH,)),
            Page("Stage definitions", "admin:leads_stagedefinition_changelist", (Right.PUBLISH,)),
            Page(
                "Rejection reasons",
                "admin:handoff_rejectionreason_changelist",
                (Right.PUBLISH,),
                also=frozenset(
                    f"admin:handoff_{name}_{page}"
                    for name in ("rejectionreason", "lossreason", "reversalreason")
                    for page in ("changelist", "change", "add")
                ),
            ),
            Page("Teams", "admin:people_team_changelist", (Right.PUBLISH,)),
            Page(
                "Calendars",
                "admin:people_workcalendar_changelist",
                (Right.PUBLISH,),
                also=frozenset(
                    {"admin:people_workcalendar_change", "admin:people_workcalendar_add"}
                ),
            ),
            Page("Users", "admin:people_user_changelist", (Right.PUBLISH,)),
        ),
    ),
)


def links_among(pages: tuple[Page, ...], rights: frozenset[Right]) -> Iterator[Link]:
    for page in pages:
        if rights.isdisjoint(page.rights):
            continue
        parts = tuple(links_among(page.parts, rights))
        names = page.also.union({page.view_name}, *(part.view_names for part in parts))
        yield Link(page.label, reverse(page.view_name), names, parts, page.keeps)


@dataclass(frozen=True)
class Bar:
    user: User | None  # None before sign-in
    links: tuple[Link, ...]
    view_name: str
    unread: int
    parameters: Mapping[str, str]

    def address(self, link: Link, part: Link) -> str:
        """Return where a part of the section leads, with the period and filters of this page."""
        if self.view_name not in link.view_names or not self._kept:
            return part.href
        return f"{part.href}?{self._kept}"

    @cached_property
    def _kept(self) -> str:
        """Return the parameters that the section of this page keeps."""
        keeps = {
            name for link in self.links if self.view_name in link.view_names for name in link.keeps
        }
        return urlencode(
            [(name, text) for name, text in self.parameters.items() if name in keeps and text]
        )

    @cached_property
    def reminder(self) -> Link | None:
        """Return what waits for marketing, on the home page of whoever completes leads."""
        user = self.user
        if user is None or Right.EDIT_CONTEXT not in rights_of(user):
            return None
        if self.view_name != home_of(user):
            return None
        total, mine = count_returned(user)
        if not total:
            return None
        verb = "waits" if total == 1 else "wait"
        own = f", {count_text(mine)} of your campaigns" if mine else ""
        label = f"{counted(total, 'returned lead', 'returned leads')} {verb} for marketing{own}"
        return Link(label, reverse("workspace:returned"), frozenset())

    @property
    def unread_text(self) -> str:
        return f"{MAX_UNREAD}+" if self.unread > MAX_UNREAD else str(self.unread)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Add what templates/base.html shows; costs nothing on a page without a top bar."""
    return {"bar": SimpleLazyObject(lambda: bar_of(request))}


def bar_of(request: HttpRequest) -> Bar:
    visitor = getattr(request, "user", None)
    user = visitor if isinstance(visitor, User) else None
    match = request.resolver_match
    links = links_for(rights_of(user)) if user else ()
    return Bar(
        user=user,
        links=links,
        view_name=section_of(match.view_name, links) if match else "",
        unread=user.unread_count if user else 0,
        parameters=request.GET.dict(),
    )


def section_of(view_name: str, links: tuple[Link, ...]) -> str:
    """Return the page itself, or the start of the admin for its pages without an entry."""
    is_entry = any(view_name in link.view_names for link in links)
    return "admin:index" if view_name.startswith("admin:") and not is_entry else view_name


@lru_cache
def links_for(rights: frozenset[Right]) -> tuple[Link, ...]:
    return tuple(links_among(PAGES, rights))


def rights_of(user: User) -> frozenset[Right]:
    return frozenset(Right) if user.is_superuser else user.rights
