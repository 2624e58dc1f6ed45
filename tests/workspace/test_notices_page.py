from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from people.models import Notice, User
from tests.people.factories import MONDAY_9AM, make_user

pytestmark = pytest.mark.django_db


def make_notice(recipient: User, subject: str, **fields: object) -> Notice:
    defaults = {"kind": "offered", "created_at": MONDAY_9AM, "deliver_at": MONDAY_9AM}
    return Notice.objects.create(
        recipient=recipient, subject=subject, key=f"{subject} to {recipient}", **defaults | fields
    )


@time_machine.travel(MONDAY_9AM, tick=False)
def test_page_shows_only_the_users_notices(client: Client) -> None:
    ana, luis = make_user("Ana"), make_user("Luis")
    make_notice(ana, "A lead was offered to you")
    make_notice(luis, "An SLA was breached")
    client.force_login(ana)

    page = client.get("/notices/").content.decode()

    assert "A lead was offered to you" in page
    assert "An SLA was breached" not in page
    assert "Notices, 1 unread" in page


@time_machine.travel(MONDAY_9AM, tick=False)
def test_times_are_shown_in_the_readers_time_zone(client: Client) -> None:
    rafael = make_user("Rafael", time_zone="America/Sao_Paulo")
    make_notice(rafael, "A lead was offered to you")
    client.force_login(rafael)

    page = client.get("/notices/").content.decode()

    assert ">Nov 2, 6:00 AM</time>" in page


@time_machine.travel(MONDAY_9AM, tick=False)
def test_a_notice_held_to_working_time_is_not_shown_early(client: Client) -> None:
    ana = make_user("Ana")
    make_notice(ana, "Tomorrow's lead", deliver_at=MONDAY_9AM + timedelta(days=1))
    client.force_login(ana)

    page = client.get("/notices/").content.decode()

    assert "No notices" in page
    assert "unread" not in page


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


def test_marking_as_read_needs_sign_in_and_post(client: Client) -> None:
    assert client.post("/notices/read/")["Location"] == "/sign-in/?next=/"

    client.force_login(make_user())

    assert client.get("/notices/read/").status_code == 405
