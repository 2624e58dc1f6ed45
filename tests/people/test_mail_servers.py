"""Delivery through a mail server that is slow, refuses or drops the connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import LazySettings

from people import notices
from people.models import Notice
from people.notice_groups import NoticeGroup
from people.notice_kinds import NoticeDraft
from people.notices import deliver_notices, write_notices
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.smtp import SmtpServer, running

pytestmark = pytest.mark.django_db
LATER = MONDAY_9AM + notices.LEASE


@contextmanager
def mail_server(settings: LazySettings, server: SmtpServer) -> Iterator[SmtpServer]:
    with running(server):
        use_server(settings, server.server_address[1])
        yield server


def use_server(settings: LazySettings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = False


def write(number: int) -> list[Notice]:
    reps = [make_user() for _ in range(number)]
    make_team(*reps)
    drafts = [NoticeDraft(rep.pk, "offered", f"Lead {rep.pk}", f"offered:{rep.pk}") for rep in reps]
    write_notices(drafts, at=MONDAY_9AM)
    return list(Notice.objects.order_by("pk").select_related("recipient"))


def subjects(server: SmtpServer) -> list[str]:
    return [
        line.removeprefix("Subject: ").strip()
        for message in server.received
        for line in message.splitlines()
        if line.startswith("Subject: ")
    ]


def test_slow_server_ends_the_batch_and_sends_nothing_twice(settings: LazySettings) -> None:
    expected = [notice.subject for notice in write(4)]

    with mail_server(settings, SmtpServer(delay=0.2)) as server:
        first = deliver_notices(at=MONDAY_9AM, seconds=0.3)
        rest = deliver_notices(at=MONDAY_9AM)

    assert 1 <= first < 4
    assert first + rest == 4
    assert subjects(server) == expected


def test_mail_is_marked_before_the_next_one_is_sent(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write(2)
    build = notices._message

    def killed_at_second(group: NoticeGroup, *rest: object) -> object:
        if group.first_id == second.pk:
            raise KeyboardInterrupt
        return build(group, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(notices, "_message", killed_at_second)
    with mail_server(settings, SmtpServer()), pytest.raises(KeyboardInterrupt):
        deliver_notices(at=MONDAY_9AM)

    first.refresh_from_db()
    assert first.delivered_at == MONDAY_9AM


def test_refused_mailbox_does_not_hold_up_the_others(settings: LazySettings) -> None:
    refused, *others = write(3)

    with mail_server(settings, SmtpServer(refused=refused.recipient.email)) as server:
        assert deliver_notices(at=MONDAY_9AM) == 2
        server.refused = ""
        assert deliver_notices(at=MONDAY_9AM + timedelta(seconds=10)) == 0
        assert deliver_notices(at=LATER) == 1

    assert subjects(server) == [*(notice.subject for notice in others), refused.subject]


def test_dropped_connection_costs_one_mail_its_turn(settings: LazySettings) -> None:
    first, *others = write(3)

    with mail_server(settings, SmtpServer(drops=1)) as server:
        assert deliver_notices(at=MONDAY_9AM) == 2
        assert deliver_notices(at=LATER) == 1

    assert subjects(server) == [*(notice.subject for notice in others), first.subject]


def test_server_that_hangs_up_after_each_mail_gets_no_mail_twice(settings: LazySettings) -> None:
    expected = {notice.subject for notice in write(4)}

    with mail_server(settings, SmtpServer(drops_after_each=True)) as server:
        for run in range(4):
            deliver_notices(at=MONDAY_9AM + run * notices.LEASE)

    assert len(server.received) == 4
    assert set(subjects(server)) == expected


def test_server_that_is_away_is_not_asked_for_every_mail(settings: LazySettings) -> None:
    waiting = write(8)
    server = SmtpServer()
    server.server_close()
    use_server(settings, server.server_address[1])

    assert deliver_notices(at=MONDAY_9AM) == 0

    leased = Notice.objects.exclude(leased_until=None)
    assert leased.count() == notices.MAX_FAILURES
    with mail_server(settings, SmtpServer()) as server:
        assert deliver_notices(at=MONDAY_9AM) == len(waiting) - notices.MAX_FAILURES
