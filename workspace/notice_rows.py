"""Rows of the notices page, which name the contact of a lead if the reader may open it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from handoff.lead_access import visible_leads
from leads.contact_names import name_contacts
from leads.models import Lead
from people.models import Notice, User
from people.notice_groups import MAX_LISTED, NoticeGroup, many_subject

MAX_UNFOLDED: Final = 3


class Line(NamedTuple):
    title: str
    path: str
    detail: str = ""


def leads_named_in(groups: Iterable[NoticeGroup], *, reader: User) -> dict[int, Lead]:
    refs = {topic.ref for group in groups for topic in group.topics.values()}
    if not refs:
        return {}
    leads = visible_leads(reader).filter(pk__in=refs).select_related("contact", "company")
    name_contacts([lead.contact for lead in leads])
    return {lead.pk: lead for lead in leads}


@dataclass(frozen=True)
class NoticeRow:
    """A message; it is outdated if nothing in it is still true."""

    group: NoticeGroup
    leads: Mapping[int, Lead]

    @property
    def first(self) -> Notice:
        return self.group.notices[0]

    @property
    def is_single(self) -> bool:
        return len(self.group.notices) == 1

    @property
    def is_outdated(self) -> bool:
        return not self.group.current

    @property
    def is_new(self) -> bool:
        return self.group.is_new

    @property
    def created_at(self) -> datetime:
        return max(notice.created_at for notice in self.group.notices)

    @property
    def title(self) -> Line:
        """Return the subject, with the link and the name of the lead if there is one."""
        if not self.is_single:
            return Line(many_subject(self.first.kind, len(self.group.notices)), "")
        return Line(self.first.subject, self._path(self.first), self._name(self.first))

    @property
    def lines(self) -> list[Line]:
        """Return the leads of several notices, the most urgent first."""
        if self.is_single:
            return []
        return [self._line(notice) for notice in self.group.notices[:MAX_LISTED]]

    def _line(self, notice: Notice) -> Line:
        topic = self.group.topics.get(notice.pk)
        if topic is None:
            return Line(notice.subject, notice.path, notice.body)
        return Line(self._name(notice), self._path(notice), topic.detail or notice.subject)

    @property
    def first_lines(self) -> list[Line]:
        """Return the lines that are shown at once; the others are folded."""
        lines = self.lines
        return lines if len(lines) <= MAX_UNFOLDED + 1 else lines[:MAX_UNFOLDED]

    @property
    def other_lines(self) -> list[Line]:
        return self.lines[len(self.first_lines) :]

    @property
    def more(self) -> int:
        return 0 if self.is_single else max(len(self.group.notices) - MAX_LISTED, 0)

    def _name(self, notice: Notice) -> str:
        topic = self.group.topics.get(notice.pk)
        if topic is None:
            return ""
        lead = self.leads.get(topic.ref)
        if lead is None:
            return topic.name
        company = f", {lead.company}" if lead.company else ""
        return f"{lead.contact}{company}"

    def _path(self, notice: Notice) -> str:
        topic = self.group.topics.get(notice.pk)
        return notice.path if topic is None or topic.ref in self.leads else ""
