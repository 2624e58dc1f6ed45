"""The lists of timers behind the attainment of an SLA policy."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handoff.admin.policy_editor.timers import PAGE_SIZE
from handoff.models import SlaClock, SlaPolicy
from handoff.sla import versions
from people.models import User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_handoff, make_person
from tests.pages import Page, page_at, signed_in_as
from tests.statements import exactly_statements

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def make_timer(due: datetime, *, result: str, name: str = "Ann") -> SlaClock:
    """Make a response timer that was due then: met, missed, late (missed and open) or running."""
    handoff = make_handoff(at=due - 2 * HOUR, name=name)
    handoff.clocks.exclude(kind="answer").delete()
    timer = handoff.clocks.get()
    timer.started_at, timer.warn_at, timer.due_at = due - 2 * HOUR, due - HOUR, due
    if result == "met":
        timer.stopped_at, timer.is_met = due - HOUR, True
    if result in ("missed", "late"):
        timer.breached_at = due
    if result == "missed":
        timer.stopped_at, timer.is_met = due + HOUR, False
    timer.save()
    return timer


def address(policy: SlaPolicy, query: str = "") -> str:
    return reverse("admin:handoff_slapolicy_timers", args=[policy.pk]) + query


def leads_on(page: Page) -> list[str]:
    return page.links("tbody th > a")


def test_lists_equal_the_figures_and_a_recount(
    client: Client, live: SlaPolicy, at: datetime
) -> None:
    for result, due in (
        ("met", at - DAY),
        ("met", at - 29 * DAY),
        ("met", at - 31 * DAY),
        ("missed", at - 2 * DAY),
        ("late", at - HOUR),
        ("running", at + HOUR),
    ):
        make_timer(due, result=result)
    draft = versions.copy_to_draft(live)
    targets = draft.targets.filter(clock="answer", lead_type=None, temperature="")
    SlaClock.objects.filter(due_at__lt=at - 25 * DAY).update(target=targets.get())

    figures = Page(client.get(url_of(live)))
    hrefs = figures.links(".policy-attained a, .facts a")

    timers = list(SlaClock.objects.all())
    counted = [
        timer
        for timer in timers
        if at - 30 * DAY < timer.due_at <= at
        and (timer.is_met is not None or timer.breached_at is not None)
    ]
    recount = {
        "met": [timer for timer in counted if timer.is_met],
        "due": counted,
        "running": [timer for timer in timers if timer.stopped_at is None],
        "missed": [timer for timer in counted if not timer.is_met],
    }
    assert {part: len(rows) for part, rows in recount.items()} == {
        "met": 2,
        "due": 4,
        "running": 2,
        "missed": 2,
    }
    assert figures.texts(".policy-attained a, .facts a") == ["2", "4 timers", "2"]
    assert hrefs == [
        address(live, f"?part={part}&kind=answer") for part in ("met", "due", "running")
    ]
    for part, rows in recount.items():
        page = Page(client.get(address(live, f"?part={part}&kind=answer")))
        assert page.text("main > p strong") == str(len(rows))
        latest_first = sorted(rows, key=lambda timer: timer.due_at, reverse=True)
        assert leads_on(page) == [f"/leads/{timer.lead_id}/" for timer in latest_first]


def test_row_says_when_it_was_due_and_whether_it_was_met(
    client: Client, live: SlaPolicy, at: datetime
) -> None:
    make_timer(at - DAY, result="met", name="Ann")
    make_timer(at - 2 * DAY, result="missed", name="Bo")

    page = Page(client.get(address(live)))

    assert page.texts("tbody th > a") == ["Ann", "Bo"]
    assert page.texts("tbody td[data-label=Result] .badge") == ["Met", "Breached"]
    assert [text.split()[0] for text in page.texts("td[data-label=Result] .table-sub")] == [
        "met",
        "ended",
    ]


def test_kinds_filter_and_an_empty_list_says_so(
    client: Client, live: SlaPolicy, at: datetime
) -> None:
    make_timer(at - DAY, result="met")

    every = Page(client.get(address(live, "?part=nonsense&kind=nonsense&page=nonsense")))
    other = Page(client.get(address(live, "?kind=first_contact")))

    assert len(leads_on(every)) == 1
    (kind,) = every.texts('nav[aria-label="Kind of timer"] [aria-current]')
    assert kind == "All timers"
    assert other.text(".empty strong") == "No timers"


def test_long_list_has_pages(client: Client, live: SlaPolicy, at: datetime) -> None:
    for number in range(PAGE_SIZE + 2):
        make_timer(at - number * HOUR - HOUR, result="met", name=f"Lead {number:02}")

    first = Page(client.get(address(live, "?part=met&kind=answer")))
    (href,) = first.links(".pages a")
    second = Page(client.get(address(live, href)))

    assert len(leads_on(first)) == PAGE_SIZE
    assert second.texts("tbody th > a") == [f"Lead {PAGE_SIZE}", f"Lead {PAGE_SIZE + 1}"]
    assert href.startswith("?part=met&kind=answer&page=")


@pytest.mark.parametrize("number", [1, 12])
def test_list_takes_the_same_statements_for_more_timers(
    number: int, client: Client, live: SlaPolicy, at: datetime
) -> None:
    for place in range(number):
        make_timer(at - place * HOUR - HOUR, result="met")
    client.get(address(live))

    # User, permissions twice, policy, timers with their leads, which of those are visible, count.
    with exactly_statements(6):
        client.get(address(live))


def test_list_is_for_those_who_read_policies(live: SlaPolicy, olga: User) -> None:
    assert page_at(address(live), make_person(Role.HANDOFF_OWNER)).text("h1")
    for role in (Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.LEADER):
        response = signed_in_as(make_person(role)).get(address(live))
        assert response.status_code in (302, 403), role
    assert Client().get(address(live)).status_code == 302
