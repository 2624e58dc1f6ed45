from datetime import datetime, timedelta

import pytest
import time_machine

from core.purging import purge
from people.models import Notice, User
from people.notice_kinds import NoticeDraft
from people.notices import deliver_notices, mark_read, purge_notices, unread, write_notices
from people.tasks import purge_notices as purge_notices_task
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.threads import at_once

HALF_A_YEAR = timedelta(days=180)
MOMENT = timedelta(microseconds=1)


def make_notices(*keys: str, at: datetime = MONDAY_9AM) -> User:
    """Delivered at once, and not read yet."""
    rep = make_user()
    make_team(rep)
    drafts = [NoticeDraft(rep.pk, "clock_warned", "Lead 7 waits", key) for key in keys]
    write_notices(drafts, at=at)
    deliver_notices(at=at)
    return rep


def keys_left() -> set[str]:
    return set(Notice.objects.values_list("key", flat=True))


@pytest.mark.django_db
def test_notice_is_deleted_half_a_year_after_reading() -> None:
    rep = make_notices("read late")
    mark_read(rep, at=MONDAY_9AM + timedelta(days=10))
    read_at = MONDAY_9AM + timedelta(days=10)

    assert purge_notices(at=read_at + HALF_A_YEAR) == 0
    assert purge_notices(at=read_at + HALF_A_YEAR + MOMENT) == 1
    assert purge_notices(at=read_at + HALF_A_YEAR + MOMENT) == 0
    assert keys_left() == set()


@pytest.mark.django_db
def test_unread_or_undelivered_notice_is_kept() -> None:
    reader = make_notices("unread", "undelivered")
    mark_read(make_notices("read"), at=MONDAY_9AM)
    undelivered = Notice.objects.filter(key="undelivered")
    undelivered.update(delivered_at=None, read_at=MONDAY_9AM)

    purge_notices(at=MONDAY_9AM + 2 * HALF_A_YEAR)

    assert keys_left() == {"unread", "undelivered"}
    assert [notice.key for notice in unread(reader, at=MONDAY_9AM)] == ["unread"]


@pytest.mark.django_db
def test_nightly_task_deletes_old_notices() -> None:
    mark_read(make_notices("old"), at=MONDAY_9AM)
    later = MONDAY_9AM + timedelta(days=1)
    mark_read(make_notices("younger", at=later), at=later)

    with time_machine.travel(MONDAY_9AM + HALF_A_YEAR + MOMENT, tick=False):
        purge_notices_task()

    assert keys_left() == {"younger"}


@pytest.mark.django_db
def test_purge_runs_batches_until_no_rows_are_left() -> None:
    make_notices(*"abcde")
    oldest = Notice.objects.order_by("pk")[0]

    assert purge(Notice.objects.filter(pk=oldest.pk), batch=2) == 1
    assert purge(Notice.objects.all(), batch=2) == 4
    assert keys_left() == set()


@pytest.mark.django_db
def test_purge_stops_when_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_notices(*"abcde")
    monkeypatch.setattr("core.purging.MAX_SECONDS", -1)

    assert purge(Notice.objects.all(), batch=2) == 2
    assert keys_left() == set("cde")


@pytest.mark.django_db(transaction=True)
def test_two_workers_delete_each_row_once() -> None:
    make_notices(*map(str, range(60)))

    purged = at_once(*[lambda: purge(Notice.objects.all(), batch=7)] * 2)

    # A worker skips rows that the other one has locked.
    assert sum(purged) == 60
    assert keys_left() == set()
