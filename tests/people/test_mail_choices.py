"""Each person chooses by topic what is mailed to them; the notices page has all of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from handoff import notice_kinds
from people import account_mail
from people.models import User
from people.notice_kinds import MAIL_TOPICS, NOTICE_KINDS, NoticeKind
from people.notices import deliver_notices, unread, write_notices
from people.roles import Role
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_user, make_user_with

pytestmark = pytest.mark.django_db

OF_A_REP = {
    "offers": "mailed",
    "activity": "mailed",
    "due_soon": "mailed",
    "queues": "mailed",
    "mentions": "mailed",
}


@pytest.fixture
def mia() -> User:
    return make_user_with(Role.REP)


@pytest.fixture
def leo() -> User:
    return make_user_with(Role.MARKETER)


def choose(user: User, **choices: str) -> Any:
    response = signed_in_as(user).post("/account/notices/", choices, follow=True)
    user.refresh_from_db()
    return response


def mailed(user: User, *kinds: NoticeKind) -> list[str]:
    """Deliver a notice of each kind and return the subjects of the mails."""
    drafts = [kind.draft(user.pk, occasion=1, subject=kind.code) for kind in kinds]
    write_notices(drafts, at=MONDAY_9AM)
    deliver_notices(at=MONDAY_9AM)
    return sorted(str(sent.subject) for sent in mail.outbox)


def test_every_kind_of_the_product_has_a_topic() -> None:
    kinds = [*vars(notice_kinds).values(), *vars(account_mail).values()]

    assert [kind for kind in kinds if isinstance(kind, NoticeKind) and not kind.topic] == []
    assert {kind.topic.code for kind in NOTICE_KINDS.values() if kind.topic} == set(MAIL_TOPICS)


def test_person_is_offered_the_topics_of_their_roles(mia: User, leo: User) -> None:
    assert page_at("/account/", mia).values("#notices select", "name") == list(OF_A_REP)
    assert page_at("/account/", leo).values("#notices select", "name") == [
        "mentions",
        "completion",
        "rejections",
    ]
    assert page_at("/account/", make_user()).values("#notices select", "name") == []


def test_topic_that_is_always_mailed_says_why(mia: User) -> None:
    page = page_at("/account/", mia)

    assert page.facts("#notices") == {
        "Overdue SLA timers": "A timer ran out, for its owner and the manager. Always mailed, so "
        "that no overdue lead is forgotten.",
        "Your account": "Links to choose a password or confirm an email, and changes of your "
        "email. Always mailed, because you may need them when you can't sign in.",
    }


def test_unmailed_topic_is_only_on_the_notices_page(mia: User) -> None:
    response = choose(mia, **OF_A_REP | {"offers": "unmailed"})

    assert messages_of(response) == ["Notifications saved."]
    assert mia.unmailed_topics == ["offers"]
    assert Page(response).texts("[name=offers] [selected]") == ["Only on the notices page"]
    assert mailed(mia, notice_kinds.OFFERED, notice_kinds.MENTIONED) == ["mentioned"]
    assert unread(mia, at=MONDAY_9AM).count() == 2
    assert deliver_notices(at=MONDAY_9AM) == 0


def test_choice_holds_for_what_waits_already(mia: User) -> None:
    write_notices(
        [notice_kinds.OFFERED.draft(mia.pk, occasion=1, subject="Offered")], at=MONDAY_9AM
    )
    choose(mia, **OF_A_REP | {"offers": "unmailed"})

    deliver_notices(at=MONDAY_9AM)

    assert mail.outbox == []


def test_topic_can_be_mailed_again(mia: User) -> None:
    choose(mia, **OF_A_REP | {"offers": "unmailed"})
    choose(mia, **OF_A_REP)

    assert mailed(mia, notice_kinds.OFFERED) == ["offered"]


def test_topic_that_is_always_mailed_cannot_be_switched_off(mia: User) -> None:
    choose(mia, **OF_A_REP | {"overdue": "unmailed", "account": "unmailed"})
    User.objects.filter(pk=mia.pk).update(unmailed_topics=["overdue", "account"])

    kinds = (notice_kinds.CLOCK_BREACHED, account_mail.RESET)
    assert mia.unmailed_topics == []
    assert mailed(mia, *kinds) == ["clock_breached", "password_reset"]


def test_choice_for_a_topic_of_a_former_role_is_kept(leo: User) -> None:
    User.objects.filter(pk=leo.pk).update(unmailed_topics=["offers"])

    choose(leo, mentions="unmailed", completion="mailed", rejections="mailed")

    assert leo.unmailed_topics == ["mentions", "offers"]


@pytest.mark.parametrize(
    ("choice", "when", "unmailed"),
    [
        ("mailed", "at_once", []),
        ("daily", "daily", []),
        ("unmailed", "at_once", ["rejections"]),
    ],
)
def test_rejections_are_mailed_at_once_daily_or_not_at_all(
    leo: User, choice: str, when: str, unmailed: list[str]
) -> None:
    response = choose(leo, mentions="mailed", completion="mailed", rejections=choice)

    assert (leo.rejection_notices, leo.unmailed_topics) == (when, unmailed)
    assert Page(response).values("[name=rejections] [selected]") == [choice]


@pytest.mark.parametrize("choices", [OF_A_REP | {"offers": "daily"}, {"offers": "mailed"}])
def test_unknown_or_missing_choice_is_refused(mia: User, choices: dict[str, str]) -> None:
    choose(mia, **OF_A_REP | {"queues": "unmailed"})

    assert choose(mia, **choices).status_code == 422
    assert mia.unmailed_topics == ["queues"]


def test_notices_page_links_to_the_choices(mia: User) -> None:
    assert "/account/#notices" in page_at("/notices/", mia).links("main a")
