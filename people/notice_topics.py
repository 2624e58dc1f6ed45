"""The registry of what notices are about. The app that sends a kind registers its reader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from people.models import Notice
from people.notice_kinds import NoticeKind


class Topic(NamedTuple):
    """Say what a notice is about, as it is now.

    The name goes into emails, so nothing of the contact is in it. The lowest urgency comes first.
    """

    ref: int
    name: str
    is_current: bool = True
    detail: str = ""
    urgency: Any = ()


# Returns the topic of each notice by the id of the notice; all notices are of one kind.
TopicReader = Callable[[Collection[Notice], datetime], Mapping[int, Topic]]

TOPIC_READERS: Final[dict[str, TopicReader]] = {}


def reads_topics_of(kind: NoticeKind) -> Callable[[TopicReader], TopicReader]:
    """Register the reader of a kind. Notices of a kind without one name nothing and stay true."""

    def register(read: TopicReader) -> TopicReader:
        TOPIC_READERS[kind.code] = read
        return read

    return register
