from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from people import notices
from people.models import Notice, User
from people.notices import Draft, deliver_notices, mark_read, settle, unread, write_notices
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.threads import at_once

TEN_PM = datetime(2026, 11, 2, 22, tzinfo=UTC)
TUESDAY_9AM = datetime(2026, 11, 3, 9, tzinfo=UTC)


def make_draft(user: User, key: str = "occasion", *, is_urgent: bool = False) -> Draft:
    return Draft(user.pk, "clock_warned", "Lead 7 waits", key, "Answer it.", "/leads/7/", is_urgent)


def make_rep() -> User:
    rep = make_user()
    make_team(rep)
    return rep


@pytest.mark.django_db
def test_a_notice_at_night_is_held_until_opening() -> None:
    write_notices([make_draft(make_rep())], at=TEN_PM)

    assert deliver_notices(at=TEN_PM + timedelta(hours=10)) == 0
    assert mail.outbox == []
    assert deliver_notices(at=TUESDAY_9AM) == 1
    assert [message.subject for message in mail.outbox] == ["Lead 7 waits"]


@pytest.mark.django_db
def test_a_notice_held_over_a_long_weekend_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "GIVE_UP_AFTER", timedelta(hours=10))
    write_notices([make_draft(make_rep())], at=TEN_PM)

    assert deliver_notices(at=TUESDAY_9AM) == 1


@pytest.mark.django_db
def test_what_was_mailed_stays_in_the_list() -> None:
    rep = make_rep()
    write_notices([make_draft(rep)], at=MONDAY_9AM)

    deliver_notices(at=MONDAY_9AM)

    assert unread(rep, at=MONDAY_9AM).count() == 1


@pytest.mark.django_db
def test_an_urgent_notice_goes_out_at_night() -> None:
    write_notices([make_draft(make_rep(), is_urgent=True)], at=TEN_PM)

    assert deliver_notices(at=TEN_PM) == 1


@pytest.mark.django_db
def test_the_same_occasion_is_told_once() -> None:
    rep = make_rep()

    write_notices([make_draft(rep)], at=MONDAY_9AM)
    write_notices([make_draft(rep), make_draft(rep, "another")], at=MONDAY_9AM)

    assert deliver_notices(at=MONDAY_9AM) == 2
    assert deliver_notices(at=MONDAY_9AM + timedelta(days=1)) == 0
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_the_mail_goes_to_our_person_and_links_to_the_page(settings: object) -> None:
    settings.SITE_URL = "https://handoff.example"  # type: ignore[attr-defined]
    rep = make_rep()
    write_notices([make_draft(rep)], at=MONDAY_9AM)

    deliver_notices(at=MONDAY_9AM)

    assert mail.outbox[0].to == [rep.email]
    assert mail.outbox[0].body == "Answer it.\n\nhttps://handoff.example/leads/7/"


@pytest.mark.django_db
def test_nobody_inactive_is_told() -> None:
    gone, leaving = make_rep(), make_rep()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    write_notices([make_draft(gone), make_draft(leaving, "other")], at=MONDAY_9AM)
    User.objects.filter(pk=leaving.pk).update(is_active=False)

    deliver_notices(at=MONDAY_9AM)

    assert [notice.recipient for notice in Notice.objects.all()] == [leaving]
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_notice_of_a_change_that_was_rolled_back_never_existed() -> None:
    rep = make_rep()

    with transaction.atomic():
        write_notices([make_draft(rep)], at=MONDAY_9AM)
        transaction.set_rollback(True)

    assert deliver_notices(at=MONDAY_9AM) == 0


@pytest.mark.django_db
def test_a_failed_delivery_is_tried_again_after_the_lease_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unlucky, lucky = make_rep(), make_rep()
    write_notices([make_draft(unlucky), make_draft(lucky, "other")], at=MONDAY_9AM)
    send = EmailBackend.send_messages

    def refuse_unlucky(self: EmailBackend, messages: list[mail.EmailMessage]) -> int:
        if messages[0].to == [unlucky.email]:
            raise OSError("mailbox on fire")
        return send(self, messages)

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refuse_unlucky)
        assert deliver_notices(at=MONDAY_9AM) == 1
    assert deliver_notices(at=MONDAY_9AM + notices.LEASE / 2) == 0
    assert deliver_notices(at=MONDAY_9AM + notices.LEASE) == 1

    assert [message.to for message in mail.outbox] == [[lucky.email], [unlucky.email]]


@pytest.mark.django_db
def test_after_three_days_delivery_gives_up_and_the_list_still_shows_it() -> None:
    rep = make_rep()
    write_notices([make_draft(rep)], at=MONDAY_9AM)

    assert deliver_notices(at=MONDAY_9AM + notices.GIVE_UP_AFTER) == 0
    assert unread(rep, at=MONDAY_9AM).count() == 1


@pytest.mark.django_db
def test_what_history_wrote_is_not_mailed_and_only_its_end_is_unread() -> None:
    rep = make_rep()
    write_notices([make_draft(rep, "old")], at=MONDAY_9AM - timedelta(hours=2))
    write_notices([make_draft(rep, "new")], at=MONDAY_9AM)

    settle(at=MONDAY_9AM, read_before=MONDAY_9AM)

    assert deliver_notices(at=MONDAY_9AM + timedelta(days=1)) == 0
    assert [notice.key for notice in unread(rep, at=MONDAY_9AM)] == ["new"]


@pytest.mark.django_db
def test_reading_the_list_empties_it() -> None:
    rep, other = make_rep(), make_rep()
    write_notices([make_draft(rep), make_draft(other, "other")], at=MONDAY_9AM)

    assert mark_read(rep, at=MONDAY_9AM) == 1

    assert not unread(rep, at=MONDAY_9AM).exists()
    assert unread(other, at=MONDAY_9AM).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_deliver_each_notice_once() -> None:
    rep = make_rep()
    write_notices([make_draft(rep, str(number)) for number in range(60)], at=MONDAY_9AM)

    def deliver_all() -> int:
        delivered = 0
        while sent := deliver_notices(at=MONDAY_9AM, batch=7):
            delivered += sent
        return delivered

    delivered = at_once(deliver_all, deliver_all)

    assert sum(delivered) == 60
    assert len(mail.outbox) == 60
