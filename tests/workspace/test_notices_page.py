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


@time_machine.travel(MONDAY_9AM, tick=False)
def test_newest_notices_are_first_a_page_at_a_time() -> None:
    ana = make_user("Ana")
    for number in range(45):
        make_notice(ana, f"Notice {number}", deliver_at=MONDAY_9AM - timedelta(minutes=number))

    pages = [page_at(f"/notices/{query}", ana) for query in ("", "?page=2", "?page=3", "?page=x")]

    shown = [[text.split()[1] for text in page.texts(".timeline-what")] for page in pages]
    assert shown == [
        [str(number) for number in numbers]
        for numbers in (range(15), range(15, 30), range(30, 45), range(15))
    ]
    links = [page.links(".pages a") for page in pages[:3]]
    assert links == [["?page=2"], ["?page=1", "?page=3"], ["?page=2"]]


@time_machine.travel(MONDAY_9AM, tick=False)
def test_unread_or_urgent_notices_come_first_by_choice() -> None:
    ana = make_user("Ana")
    for number in range(25):
        old = {"deliver_at": MONDAY_9AM - timedelta(hours=number), "read_at": MONDAY_9AM}
        make_notice(ana, f"Read {number}", **old)
    earlier = {"deliver_at": MONDAY_9AM - timedelta(days=9)}
    make_notice(ana, "Unread", **earlier)
    make_notice(ana, "Urgent", **earlier, read_at=MONDAY_9AM, is_urgent=True)

    first = {
        sort: page_at(f"/notices/?sort={sort}", ana).texts(".timeline-what")[0].split()[0]
        for sort in ("", "unread", "urgent", "nonsense")
    }

    assert first == {"": "Read", "unread": "Unread", "urgent": "Urgent", "nonsense": "Read"}
    page = page_at("/notices/?sort=urgent", ana)
    assert page.texts('.segments [aria-current="true"]') == ["Urgent first"]
    assert page.links(".pages a") == ["?sort=urgent&page=2"]


@time_machine.travel(MONDAY_9AM, tick=False)
def test_many_leads_of_one_message_are_folded_after_three() -> None:
    ana = make_user("Ana")
    for number in range(9):
        make_notice(ana, f"Lead {number}")

    page = page_at("/notices/", ana)

    assert page.texts(".timeline-what > ul > li") == ["Lead 8", "Lead 7", "Lead 6"]
    assert page.texts(".timeline-what summary") == ["6 more"]
    assert page.texts("details li") == [f"Lead {number}" for number in range(5, -1, -1)]


@pytest.mark.parametrize("path", ["/", "/notices/"])
def test_anonymous_request_redirects_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/sign-in/?next={path}"


def test_marking_as_read_needs_sign_in_and_a_form(client: Client) -> None:
    assert client.post("/notices/read/")["Location"] == "/sign-in/?next=/"

    client.force_login(make_user())

    assert client.get("/notices/read/")["Location"] == "/notices/"
