from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from people import notice_kinds, notices
from people.calendars import value_of
from people.models import Notice, User
from people.notice_kinds import NoticeDraft, NoticeKind, notice_kind
from people.notices import (
    deliver_notices,
    mark_past_notices_delivered,
    mark_read,
    unread,
    write_notices,
)
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.statements import exactly_statements
from tests.threads import at_once

TEN_PM = datetime(2026, 11, 2, 22, tzinfo=UTC)
TUESDAY_9AM = datetime(2026, 11, 3, 9, tzinfo=UTC)


def make_draft(user: User, key: str = "occasion", *, is_urgent: bool = False) -> NoticeDraft:
    return NoticeDraft(user.pk, "note", "Lead 7 waits", key, "Answer it.", "/leads/7/", is_urgent)


def make_rep() -> User:
    rep = make_user()
    make_team(rep)
    return rep


@pytest.mark.django_db
def test_notice_at_night_waits_for_working_hours() -> None:
    write_notices([make_draft(make_rep())], at=TEN_PM)

    assert deliver_notices(at=TEN_PM + timedelta(hours=10)) == 0
    assert mail.outbox == []
    assert deliver_notices(at=TUESDAY_9AM) == 1
    assert [message.subject for message in mail.outbox] == ["Lead 7 waits"]


@pytest.mark.django_db
def test_notice_held_over_a_long_weekend_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "GIVE_UP_AFTER", timedelta(hours=10))
    write_notices([make_draft(make_rep())], at=TEN_PM)

    assert deliver_notices(at=TUESDAY_9AM) == 1


@pytest.mark.django_db
def test_delivered_notice_stays_unread_on_the_page() -> None:
    rep = make_rep()
    write_notices([make_draft(rep)], at=MONDAY_9AM)

    deliver_notices(at=MONDAY_9AM)

    assert unread(rep, at=MONDAY_9AM).count() == 1


@pytest.mark.django_db
def test_urgent_notice_is_delivered_at_night() -> None:
    write_notices([make_draft(make_rep(), is_urgent=True)], at=TEN_PM)

    assert deliver_notices(at=TEN_PM) == 1


def test_kind_drafts_one_notice_per_occasion_and_recipient() -> None:
    kind = NoticeKind("returned", "Lead returned")

    draft = kind.draft(7, occasion=12, subject="Sales returned a lead", path="/leads/3/")

    assert draft == NoticeDraft(
        7, "returned", "Sales returned a lead", "returned:12:7", path="/leads/3/"
    )


def test_kind_decides_urgency_unless_the_notice_does() -> None:
    kind = NoticeKind("became_hot", "Lead became hot", is_urgent=True)

    assert kind.draft(7, occasion=1, subject="Hot").is_urgent
    assert not kind.draft(7, occasion=1, subject="Hot", is_urgent=False).is_urgent


def test_two_kinds_cannot_share_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_kinds, "NOTICE_KINDS", {})
    notice_kind("offered", "Lead offered")

    with pytest.raises(ValueError, match="already is a notice kind offered"):
        notice_kind("offered", "Lead assigned")


@pytest.mark.django_db
def test_many_notices_cost_two_statements() -> None:
    rep = make_rep()
    drafts = [make_draft(rep, str(number)) for number in range(5)]
    value_of(rep.memberships.get().team.calendar.current_edition_id)  # cached from here on

    with exactly_statements(2):
        write_notices(drafts, at=MONDAY_9AM)

    assert Notice.objects.count() == 5


@pytest.mark.django_db
def test_repeated_key_writes_no_second_notice() -> None:
    rep = make_rep()

    write_notices([make_draft(rep)], at=MONDAY_9AM)
    write_notices([make_draft(rep), make_draft(rep, "another")], at=MONDAY_9AM)

    assert deliver_notices(at=MONDAY_9AM) == 2
    assert deliver_notices(at=MONDAY_9AM + timedelta(days=1)) == 0
    assert [message.subject for message in mail.outbox] == ["2 notices"]


@pytest.mark.django_db
def test_email_goes_to_the_recipient_and_links_to_the_page(settings: object) -> None:
    settings.SITE_URL = "https://handoff.example"  # type: ignore[attr-defined]
    rep = make_rep()
    write_notices([make_draft(rep)], at=MONDAY_9AM)

    deliver_notices(at=MONDAY_9AM)

    assert mail.outbox[0].to == [rep.email]
    assert mail.outbox[0].body == "Answer it.\n\nhttps://handoff.example/leads/7/"


@pytest.mark.django_db
def test_inactive_recipients_get_no_notice() -> None:
    gone, leaving = make_rep(), make_rep()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    write_notices([make_draft(gone), make_draft(leaving, "other")], at=MONDAY_9AM)
    User.objects.filter(pk=leaving.pk).update(is_active=False)

    deliver_notices(at=MONDAY_9AM)

    assert [notice.recipient for notice in Notice.objects.all()] == [leaving]
    assert mail.outbox == []


@pytest.mark.django_db
def test_rollback_discards_the_notice() -> None:
    rep = make_rep()

    with transaction.atomic():
        write_notices([make_draft(rep)], at=MONDAY_9AM)
        transaction.set_rollback(True)

    assert deliver_notices(at=MONDAY_9AM) == 0


@pytest.mark.django_db
def test_failed_delivery_is_retried_after_the_lease(
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
def test_delivery_gives_up_after_three_days() -> None:
    rep = make_rep()
    write_notices([make_draft(rep)], at=MONDAY_9AM)

    assert deliver_notices(at=MONDAY_9AM + notices.GIVE_UP_AFTER) == 0
    assert unread(rep, at=MONDAY_9AM).count() == 1


@pytest.mark.django_db
def test_past_notices_are_not_emailed_and_old_ones_are_read() -> None:
    rep = make_rep()
    write_notices([make_draft(rep, "old")], at=MONDAY_9AM - timedelta(hours=2))
    write_notices([make_draft(rep, "new")], at=MONDAY_9AM)

    mark_past_notices_delivered(at=MONDAY_9AM, read_before=MONDAY_9AM)

    assert deliver_notices(at=MONDAY_9AM + timedelta(days=1)) == 0
    assert [notice.key for notice in unread(rep, at=MONDAY_9AM)] == ["new"]


@pytest.mark.django_db
def test_mark_read_leaves_no_unread_notice() -> None:
    rep, other = make_rep(), make_rep()
    write_notices([make_draft(rep), make_draft(other, "other")], at=MONDAY_9AM)

    assert mark_read(rep, at=MONDAY_9AM) == 1

    assert not unread(rep, at=MONDAY_9AM).exists()
    assert unread(other, at=MONDAY_9AM).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_deliver_each_act_once() -> None:
    rep = make_rep()
    acts = [MONDAY_9AM + timedelta(seconds=second) for second in range(30)]
    for at in acts:
        write_notices([make_draft(rep, f"{side} at {at}") for side in "ab"], at=at)

    def deliver_all() -> int:
        delivered = 0
        while sent := deliver_notices(at=acts[-1], batch=7):
            delivered += sent
        return delivered

    delivered = at_once(deliver_all, deliver_all)

    assert sum(delivered) == 60
    assert len(mail.outbox) == 30
