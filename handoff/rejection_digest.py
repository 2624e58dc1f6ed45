"""Send campaign owners the rejections of their leads, once a day and by reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from core.formatting import counted
from handoff.models import Rejection
from handoff.notice_kinds import REJECTION_DIGEST
from handoff.return_reasons import with_note
from people.models import User
from people.notice_kinds import NoticeDraft
from people.notices import write_notices

MAX_LISTED: Final = 50


class RejectedLead(NamedTuple):
    lead_id: int
    reason: str
    note: str


def send_rejection_digests(*, at: datetime) -> int:
    """Write the digest of yesterday, in each owner's time zone; a second run adds none."""
    rejected: dict[User, list[RejectedLead]] = defaultdict(list)
    for rejection in recent_rejections(at):
        owner = rejection.handoff.lead.campaign.owner  # type: ignore[union-attr]  # filtered for
        assert owner is not None
        if rejection.rejected_at.astimezone(owner.zone).date() == yesterday(owner, at):
            row = RejectedLead(rejection.handoff.lead_id, rejection.reason.label, rejection.note)
            rejected[owner].append(row)
    drafts = [digest(owner, rows, day=yesterday(owner, at)) for owner, rows in rejected.items()]
    write_notices(drafts, at=at)
    return len(drafts)


def recent_rejections(at: datetime) -> Iterable[Rejection]:
    wanted = Rejection.objects.filter(
        rejected_at__gte=at - timedelta(days=2),
        handoff__lead__campaign__owner__is_active=True,
        handoff__lead__campaign__owner__rejection_notices=User.RejectionNotices.DAILY,
    )
    return wanted.select_related("reason", "handoff__lead__campaign__owner").order_by("pk")


def yesterday(owner: User, at: datetime) -> date:
    return at.astimezone(owner.zone).date() - timedelta(days=1)


def digest(owner: User, rows: list[RejectedLead], *, day: date) -> NoticeDraft:
    count = counted(len(rows), "lead", "leads")
    return REJECTION_DIGEST.draft(
        owner.pk,
        occasion=day.isoformat(),
        subject=f"Sales rejected {count} of your campaigns yesterday",
        body=digest_text(rows),
    )


def digest_text(rows: list[RejectedLead]) -> str:
    """List the reasons, the most frequent first, each with its leads and notes."""
    by_reason: dict[str, list[RejectedLead]] = defaultdict(list)
    for row in rows[:MAX_LISTED]:
        by_reason[row.reason].append(row)
    lines = []
    for reason, leads in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        lines.append(f"{reason}: {len(leads)}")
        lines += [f"- {with_note(f'Lead {row.lead_id}', row.note)}" for row in leads]
    if len(rows) > MAX_LISTED:
        lines.append(f"and {len(rows) - MAX_LISTED} more")
    return "\n".join(lines)
