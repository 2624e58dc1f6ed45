from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from people.models import Notice, User
from tests.pages import page_at
from tests.people.factories import MONDAY_9AM, make_user

pytestmark = pytest.mark.django_db


def make_notice(recipient: User, subject: str, **fields: object) -> Notice:
    defaults = {"kind": "offered", "created_at": MONDAY_9AM, "deliver_at": MONDAY_9AM}
    return Notice.objects.create(
        recipient=recipient, subject=subject, key=f"{subject} to {recipient}", **defaults | fields
    )


@time_machine.travel(MONDAY_9AM, tick=False)
def test_page_shows_only_the_users_notices() -> None:
    ana, luis = make_user("Ana"), make_user("Luis")
    make_notice(ana, "A lead was offered to you")
    make_notice(luis, "An SLA was breached")

    page = page_at("/notices/", ana)

    assert page.texts(".timeline-what") == ["A lead was offered to you New"]
    assert "An SLA was breached" not in page.html
    assert page.values('.bar-end [href="/notices/"]', "aria-label") == ["Notices, 1 unread"]


@time_machine.travel(MONDAY_9AM, tick=False)
def test_times_are_shown_in_the_readers_time_zone() -> None:
    rafael = make_user("Rafael", time_zone="America/Sao_Paulo")
    make_notice(rafael, "A lead was offered to you")

    assert page_at("/notices/", rafael).text(".timeline-event time") == "Nov 2, 6:00 AM"


@time_machine.travel(MONDAY_9AM, tick=False)
def test_notice_held_to_working_time_is_not_shown_early() -> None:
    ana = make_user("Ana")
    make_notice(ana, "Tomorrow's lead", deliver_at=MONDAY_9AM + timedelta(days=1))

    page = page_at("/notices/", ana)

    assert page.text(".empty strong") == "No notices"
    assert page.values('.bar-end [href="/notices/"]', "aria-label") == ["Notices"]


@time_machine.travel(MONDAY_9AM, tick=False)
def test_marking_as_read_affects_only_delivered_own_notices(client: Client) -> None:
    ana, luis = make_user("Ana"), make_user("Luis")
    mine, his = make_notice(ana, "Mine"), make_notice(luis, "His")
    later = make_notice(ana, "Later", deliver_at=MONDAY_9AM + timedelta(days=1))
    client.force_login(ana)

    response = client.post("/notices/read/")

    assert response["Location"] == "/notices/"
    read = dict(Notice.objects.values_list("pk", "read_at"))
    assert read == {mine.pk: MONDAY_9AM, his.pk: None, later.pk: None}


@pytest.mark.parametrize("path", ["/", "/notices/"])
def test_anonymous_request_redirects_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/sign-in/?next={path}"


def test_marking_as_read_needs_sign_in_and_a_form(client: Client) -> None:
    assert client.post("/notices/read/")["Location"] == "/sign-in/?next=/"

    client.force_login(make_user())

    assert client.get("/notices/read/")["Location"] == "/notices/"
