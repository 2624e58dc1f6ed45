"""Put notices that reach a person at the same moment into one message, as mailed and as shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Final

from core.formatting import count_text
from people.models import Notice, User
from people.notice_kinds import NOTICE_KINDS, NoticeKind, is_mailed
from people.notice_topics import TOPIC_READERS, Topic

MAX_LISTED: Final = 50
GROUPED_BY: Final = ("recipient_id", "kind", "is_urgent", "to_email")
MailPath = Callable[[Notice], str]
MAIL_PATHS: Final[dict[str, MailPath]] = {}
group_key: Final[Callable[[Notice], object]] = attrgetter("deliver_at", *GROUPED_BY)


@dataclass(frozen=True)
class NoticeGroup:
    """Notices of one act: `current` are still true, the most urgent first."""

    current: list[Notice]
    outdated: list[Notice]
    topics: Mapping[int, Topic]

    @property
    def notices(self) -> list[Notice]:
        return self.current + self.outdated

    @property
    def is_new(self) -> bool:
        return any(notice.read_at is None for notice in self.current)

    @property
    def is_pressing(self) -> bool:
        """Return whether it is urgent and still true."""
        return any(notice.is_urgent for notice in self.current)

    @property
    def recipient(self) -> User:
        return self.notices[0].recipient

    @property
    def is_mailed(self) -> bool:
        """Return whether the recipient wants it by mail, not only on the notices page."""
        unmailed = self.recipient.unmailed_topics
        return is_mailed(self.notices[0].kind, unmailed_topics=unmailed)

    @property
    def email(self) -> str:
        return self.notices[0].to_email or self.recipient.email

    @property
    def first_id(self) -> int:
        return min(notice.pk for notice in self.notices)

    @property
    def subject(self) -> str:
        """Return the subject with what it is about, or with how many notices are still true."""
        if len(self.current) != 1:
            return many_subject(self.notices[0].kind, len(self.current))
        notice = self.current[0]
        topic = self.topics.get(notice.pk)
        return f"{notice.subject}: {topic.name}" if topic else notice.subject

    def text(self, site: str) -> str:
        if len(self.current) == 1:
            parts = [self.current[0].body, link(site, self.current[0])]
        else:
            lines = [self.line(site, notice) for notice in self.current[:MAX_LISTED]]
            more = len(self.current) - MAX_LISTED
            parts = [*lines, f"and {more} more: {site}/" if more > 0 else ""]
        return "\n\n".join(part for part in parts if part)

    def line(self, site: str, notice: Notice) -> str:
        topic = self.topics.get(notice.pk)
        if topic is None:
            parts = [notice.subject, notice.body]
        else:
            parts = [f"{topic.name}: {topic.detail or notice.subject}"]
        return "\n".join(part for part in (*parts, link(site, notice)) if part)


def link(site: str, notice: Notice) -> str:
    make_path = MAIL_PATHS.get(notice.kind)
    path = make_path(notice) if make_path else notice.path
    return f"{site}{path}" if path else ""


def mail_path_of(kind: NoticeKind) -> Callable[[MailPath], MailPath]:
    """Register what makes the path in the mail of a kind, such as one with a token."""

    def register(make_path: MailPath) -> MailPath:
        MAIL_PATHS[kind.code] = make_path
        return make_path

    return register


def many_subject(kind: str, count: int) -> str:
    return NOTICE_KINDS.get(kind, NoticeKind(kind, kind)).many.format(count=count_text(count))


def groups_of(notices: Iterable[Notice], *, at: datetime) -> list[NoticeGroup]:
    """Group notices that come sorted by what they are grouped by."""
    notices = list(notices)
    topics = topics_of(notices, at)
    return [_group(list(members), topics) for _, members in groupby(notices, key=group_key)]


def topics_of(notices: Iterable[Notice], at: datetime) -> dict[int, Topic]:
    """Read what notices are about: a statement or two for each kind."""
    by_kind: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_kind[notice.kind].append(notice)
    topics: dict[int, Topic] = {}
    for kind, members in by_kind.items():
        if read := TOPIC_READERS.get(kind):
            topics |= read(members, at)
    return topics


def _group(notices: list[Notice], topics: Mapping[int, Topic]) -> NoticeGroup:
    outdated = [notice for notice in notices if not is_current(topics.get(notice.pk))]
    current = [notice for notice in notices if is_current(topics.get(notice.pk))]
    if all(notice.pk in topics for notice in current):
        current.sort(key=lambda notice: topics[notice.pk].urgency)
    return NoticeGroup(current, outdated, {n.pk: topics[n.pk] for n in notices if n.pk in topics})


def is_current(topic: Topic | None) -> bool:
    return topic is None or topic.is_current
