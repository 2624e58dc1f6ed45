"""Pages and actions that the search finds by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from core.folding import fold
from core.permissions import Right
from people.models import User
from workspace.backoffice.sidebar import SIDEBAR
from workspace.navigation import links_for, rights_of
from workspace.search.hits import Hit


@dataclass(frozen=True)
class Action:
    label: str
    view_name: str
    right: Right | None = None  # None: every user
    also: str = ""  # further words that find it
    anchor: str = ""


ACTIONS: Final = (
    Action("Add a lead", "workspace:add_lead", Right.ADD_LEADS, "new contact"),
    Action("Add time off", "workspace:team", Right.MANAGE_TEAM, "absence vacation", "#time-off"),
    Action("Try a lead", "workspace:try_lead", Right.PUBLISH, "test routing rules"),
    Action("Export leads", "workspace:export_leads", Right.SEE_LEADS, "csv download"),
    Action("Your account", "people:account", also="profile settings name"),
    Action("Change password", "people:account", anchor="#password"),
    Action("Choose notifications", "people:account", also="email mail notices", anchor="#notices"),
    Action("Change time zone", "people:account", anchor="#time-zone"),
)


def find_pages(user: User, text: str) -> list[Hit]:
    """Return the pages of the bar and, for a text, of the admin's side list."""
    pages = [page for page in pages_for(user) if has_words(f"{page.title} {page.detail}", text)]
    if text and user.may(Right.OPEN_ADMIN):
        pages += admin_pages(user, text)
    return pages


def find_actions(user: User, text: str) -> list[Hit]:
    return [
        Hit(action.label, "", f"{reverse(action.view_name)}{action.anchor}", "bolt")
        for action in ACTIONS
        if action.right is None or user.may(action.right)
        if has_words(f"{action.label} {action.also}", text)
    ]


def pages_for(user: User) -> Iterator[Hit]:
    for link in links_for(rights_of(user)):
        if not link.parts:
            yield Hit(link.label, "", link.href, "right")
        for part in link.parts:
            yield Hit(part.label, link.label, part.href, "right")
    yield Hit("Notices", "", reverse("workspace:notices"), "bell")


def admin_pages(user: User, text: str) -> Iterator[Hit]:
    for group in SIDEBAR:
        for entry in group.entries if group.title else ():
            # Words first: permissions take a statement.
            if has_words(f"{entry.title} admin", text) and user.has_perm(entry.permission):
                yield Hit(entry.title, "Admin", entry.href, "right")


def has_words(label: str, text: str) -> bool:
    """Return whether each word of the text starts a word of the label."""
    known = fold(label).split()
    return all(starts_one_of(known, word) for word in fold(text).split())


def starts_one_of(known: Iterable[str], start: str) -> bool:
    return any(word.startswith(start) for word in known)
