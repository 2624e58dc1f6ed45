"""List the timers behind the figures of a policy: those due in 30 days, and those that run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q

from core.pagination import Cursor, Order, Page, page_of
from handoff.clock_kinds import CLOCK_KINDS, ClockKind
from handoff.lead_access import visible_leads
from handoff.models import SlaClock, SlaPolicy
from leads.contact_names import name_contacts
from people.models import User

WINDOW: Final = timedelta(days=30)
PAGE_SIZE: Final = 15
LATEST_FIRST: Final = Order("due_at", True, datetime.fromisoformat)
RUNNING: Final = Q(stopped_at=None)
MET: Final = Q(is_met=True)


def due_before(at: datetime) -> Q:
    """Match the timers that were due within `WINDOW`, without those that are void."""
    is_decided = Q(is_met__isnull=False) | Q(breached_at__isnull=False)
    return Q(due_at__gt=at - WINDOW, due_at__lte=at) & is_decided


class Part(NamedTuple):
    label: str
    text: str


PARTS: Final[Mapping[str, Part]] = {
    "due": Part("All due", "due in 30 days"),
    "met": Part("Met", "due in 30 days and met"),
    "missed": Part("Missed", "due in 30 days and missed"),
    "running": Part("Running", "running"),
}


def condition_of(part: str, at: datetime) -> Q:
    due = due_before(at)
    return {"due": due, "met": due & MET, "missed": due & ~MET, "running": RUNNING}[part]


class TimerRow(NamedTuple):
    timer: SlaClock
    is_visible: bool  # whether the reader may open the lead

    @property
    def state(self) -> str:
        """Return the state as `components/_clock_badge.html` knows it."""
        if self.timer.breached_at:
            return "breached"
        return "met" if self.timer.is_met else "running"


@dataclass(frozen=True)
class TimerList:
    """One page of the timers of all versions of a policy."""

    policy: SlaPolicy
    kind: ClockKind | None
    part: str
    total: int
    page: Page[TimerRow]

    @property
    def text(self) -> str:
        return PARTS[self.part].text

    @property
    def parts(self) -> list[tuple[str, str, bool]]:
        return [
            (part.label, self.href(code, self.kind), code == self.part)
            for code, part in PARTS.items()
        ]

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        kinds = [("All timers", None), *((kind.label, kind) for kind in CLOCK_KINDS.values())]
        return [(label, self.href(self.part, kind), kind is self.kind) for label, kind in kinds]

    @property
    def page_parameter(self) -> str:
        return f"{self.href(self.part, self.kind)[1:]}&page"

    def href(self, part: str, kind: ClockKind | None) -> str:
        return f"?{urlencode({'part': part, **({'kind': kind.code} if kind else {})})}"


def read_timers(
    policy: SlaPolicy, reader: User, *, kind: str, part: str, cursor: Cursor | None, at: datetime
) -> TimerList:
    part = part if part in PARTS else "due"
    timers = SlaClock.objects.filter(condition_of(part, at), target__policy__code=policy.code)
    if kind in CLOCK_KINDS:
        timers = timers.filter(kind=kind)
    page = page_of(
        timers.select_related("lead__contact", "lead__company", "handoff__owner", "handoff__queue"),
        LATEST_FIRST,
        cursor,
        size=PAGE_SIZE,
        value_of=lambda row: row.timer.due_at,
        key_of=lambda row: row.timer.pk,
        fetch=lambda query: rows_of(list(query), reader),
    )
    return TimerList(policy, CLOCK_KINDS.get(kind), part, timers.count(), page)


def rows_of(timers: list[SlaClock], reader: User) -> list[TimerRow]:
    ids = {timer.lead_id for timer in timers}
    visible = set(visible_leads(reader).filter(pk__in=ids).values_list("pk", flat=True))
    name_contacts([timer.lead.contact for timer in timers])
    return [TimerRow(timer, timer.lead_id in visible) for timer in timers]
