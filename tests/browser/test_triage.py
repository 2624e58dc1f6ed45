"""A rep works through the inbox: by keyboard, by mouse, on a phone, and when things go wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from handoff.models import Handoff
from leads.models import EventKind, Lead, LeadEvent
from people.models import User
from tests.browser.watching import Complaints
from tests.factories import make_handoff, make_rep, route_everything_to
from tests.people.factories import FULL_DAY, make_calendar, make_team

PASSWORD: Final = "a-good-password"
NAMES: Final = ("Ana", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gita", "Hugo", "Ida", "Jan")
ARABIC: Final = ("محمد بن عبد الرحمن الحربي " * 8)[:200]

SignIn = Callable[[User], Page]
on_phone = pytest.mark.browser_context_args(
    viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
)


@pytest.fixture
def rep() -> User:
    """Make the only member of a team that is always open, so clocks run at any time of day."""
    rep = make_rep("Mia Hoffmann")
    rep.set_password(PASSWORD)
    rep.save()
    route_everything_to(make_team(rep, calendar=make_calendar(FULL_DAY, days=range(7))))
    return rep


@pytest.fixture
def complaints(page: Page) -> Complaints:
    return Complaints(page.context)


def offer(*names: str) -> list[Handoff]:
    """Offer leads a second apart, so that they are due in this order."""
    at = timezone.now() - timedelta(minutes=2)
    return [
        make_handoff(at=at + timedelta(seconds=place), name=name)
        for place, name in enumerate(names)
    ]


def row_of(page: Page, name: str) -> Locator:
    return page.locator("[data-opens]").filter(has_text=name)


def expect_open(page: Page, name: str) -> None:
    """And htmx has taken notice of its forms; before, they reload the page."""
    expect(page.locator("#work:not([aria-busy=true]) > :not(.htmx-added) h2")).to_have_text(name)


def states() -> list[str]:
    return list(Handoff.objects.order_by("offered_at").values_list("state", flat=True))


def test_ten_leads_are_answered_by_keyboard_alone(
    sign_in: SignIn, rep: User, complaints: Complaints
) -> None:
    offer(*NAMES)
    page = sign_in(rep)
    page.goto("/inbox/")
    focused = page.locator(":focus")
    answers = [["a"], ["r", "2"], ["e", "Enter"]]

    for place, name in enumerate(NAMES):
        expect_open(page, name)
        if place:
            expect(focused).to_have_text(name)
        keys = answers[place % 3]
        page.keyboard.press(keys[0])
        if keys[0] == "e":
            page.locator("[name=missing]").first.focus()
            page.keyboard.press("Space")
        for key in keys[1:]:
            page.keyboard.press(key)

    expect(page.locator("#part-to_contact")).to_have_text("To contact 4")
    expect(page.locator("#part-to_answer")).to_have_count(0)
    expect_open(page, "Ana")
    assert states() == [*["accepted", "rejected", "cannot_evaluate"] * 3, "accepted"]
    assert complaints == []


@on_phone
def test_ten_leads_are_answered_on_a_phone(
    sign_in: SignIn, rep: User, complaints: Complaints
) -> None:
    offer(*NAMES)
    page = sign_in(rep)
    page.goto("/inbox/")
    heights = [page.evaluate("document.documentElement.scrollHeight")]
    page.locator("[data-opens]").first.tap()

    for place, name in enumerate(NAMES):
        expect(page.locator("h1")).to_have_text(name)
        heights.append(page.evaluate("document.documentElement.scrollHeight"))
        if place % 2:
            page.locator("summary", has_text="Reject").tap()
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            page.get_by_role("button", name="Bad timing").tap()
        else:
            page.get_by_role("button", name="Accept").tap()

    expect(page.locator("h1")).to_have_text("Ana")
    page.get_by_role("link", name="Next lead").tap()
    expect(page.locator("h1")).to_have_text("Cleo")
    page.get_by_role("navigation", name="Inbox").get_by_role("link", name="Inbox").tap()
    expect(page.locator("#part-to_contact")).to_have_text("To contact 5")
    assert states() == ["accepted", "rejected"] * 5
    assert max(heights) <= 3000
    assert complaints == []


@on_phone
def test_answers_stay_within_reach_of_the_thumb(sign_in: SignIn, rep: User) -> None:
    [handoff] = offer("Ana")
    page = sign_in(rep)
    page.goto(f"/leads/{handoff.lead_id}/?from=inbox")
    buttons = page.locator(".lead-page .answers > * > .button")

    for top in (0, 400):
        page.evaluate(f"scrollTo(0, {top})")
        boxes = [button.bounding_box() for button in buttons.all()]
        assert len(boxes) == 4
        for box in boxes:
            assert box is not None
            assert box["y"] > 700
            assert box["y"] + box["height"] <= 844
            assert box["x"] + box["width"] <= 390
            assert min(box["width"], box["height"]) >= 44


def test_phone_requests_no_lead_that_it_does_not_show(sign_in: SignIn, rep: User) -> None:
    [handoff] = offer("Ana")
    page = sign_in(rep)
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto("/inbox/", wait_until="networkidle")

    assert Handoff.objects.get(pk=handoff.pk).viewed_at is None


def test_tab_finds_the_list_once_and_then_the_open_lead(sign_in: SignIn, rep: User) -> None:
    offer("Ana", "Ben", "Cleo")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect_open(page, "Ben")
    page.locator("h1").focus()
    stops = []

    for _ in range(6):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                """() => {
                    const stop = document.activeElement;
                    const part = stop.closest("[data-opens], .offers, #work");
                    return `${part?.className.split(" ")[0] ?? ""}: ${stop.innerText.trim()}`;
                }"""
            ).split("\n")[0]
        )

    rows = [stop for stop in stops if stop.startswith("offer")]
    assert rows == ["offer-link: Ben"]
    assert stops[stops.index(rows[0]) + 1] == "inbox-work: Ben"
    pane = page.get_by_role("region", name="Open lead")
    expect(pane.get_by_role("heading", level=2)).to_have_text("Ben")
    current = page.get_by_role("listitem").locator("[aria-current=true]")
    expect(current).to_contain_text("Ben")
    snapshot = pane.aria_snapshot()
    assert '- heading "Ben" [level=2]' in snapshot
    assert '- button "Accept a"' in snapshot
    for part in ("To answer 3",):
        expect(page.get_by_role("region", name=part)).to_be_visible()


def test_moving_through_the_list_opens_and_logs_nothing(sign_in: SignIn, rep: User) -> None:
    handoffs = offer("Ana", "Ben", "Cleo")
    page = sign_in(rep)
    requests: list[str] = []
    page.goto("/inbox/")
    expect_open(page, "Ana")
    page.on("request", lambda request: requests.append(request.url))

    for key in ("j", "j", "k", "ArrowDown", "Home", "End", "ArrowUp"):
        page.keyboard.press(key)
    expect(row_of(page, "Ben")).to_be_focused()
    page.wait_for_timeout(300)

    expect_open(page, "Ana")
    assert requests == []
    seen = LeadEvent.objects.filter(kind=EventKind.VIEWED).values_list("lead", flat=True)
    assert list(seen) == [handoffs[0].lead_id]


def test_list_works_with_single_letter_keys_off(sign_in: SignIn, rep: User) -> None:
    offer("Ana", "Ben", "Cleo")
    page = sign_in(rep)
    page.goto("/inbox/")
    page.evaluate("localStorage.setItem('keys-off', '')")
    expect_open(page, "Ana")

    row_of(page, "Ana").focus()
    for key in ("j", "r", "o", "End"):
        page.keyboard.press(key)
    expect(row_of(page, "Cleo")).to_be_focused()
    page.keyboard.press("Space")
    expect_open(page, "Cleo")
    page.keyboard.press("Tab")
    page.locator("#work").get_by_role("button", name="Accept").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#part-to_contact")).to_have_text("To contact 1")
    expect_open(page, "Ana")
    assert states() == ["offered", "offered", "accepted"]


def test_key_on_another_row_opens_that_lead_first(
    sign_in: SignIn, rep: User, complaints: Complaints
) -> None:
    """Never the lead that is open beside it."""
    offer("Ana", "Ben")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")

    page.keyboard.press("j")
    expect(row_of(page, "Ben")).to_be_focused()
    page.keyboard.press("r")
    expect_open(page, "Ben")
    expect(page.locator("#work details[data-answer][open] button.reason").first).to_be_focused()
    page.keyboard.press("2")

    expect_open(page, "Ana")
    assert states() == ["offered", "rejected"]
    assert complaints == []


def test_open_lead_answers_no_keys_while_another_is_on_its_way(
    sign_in: SignIn, rep: User, complaints: Complaints
) -> None:
    _, other = offer("Ana", "Ben")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    requests: list[Route] = []
    page.route(f"**/leads/{other.lead_id}/", lambda route: requests.append(route))

    row_of(page, "Ben").click()
    expect(page.locator("#work[aria-busy=true]")).to_have_count(1)
    page.locator("h1").focus()
    for key in ("a", "r", "2"):
        page.keyboard.press(key)

    expect(page.locator("details[data-answer][open]")).to_have_count(0)
    requests[0].continue_()
    expect_open(page, "Ben")
    assert states() == ["offered", "offered"]
    assert complaints == []


def test_screen_readers_hear_what_changed_and_what_is_next(sign_in: SignIn, rep: User) -> None:
    offer("Katrin Kaiser", "Ana Ruiz", "Ben")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Katrin Kaiser")
    status = page.locator("[data-announcer]")
    expect(status).to_have_text("")

    page.keyboard.press("r")
    page.keyboard.press("2")

    expect(status).to_have_text(
        "Rejected Katrin Kaiser (No budget or project canceled). Next: Ana Ruiz, 2 to answer."
    )
    expect(page.locator(":focus")).to_have_text("Ana Ruiz")


def test_lead_that_moves_to_another_part_does_not_take_the_cursor_along(
    sign_in: SignIn, rep: User
) -> None:
    offer("Ana", "Ben", "Cleo")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect_open(page, "Ben")

    page.keyboard.press("a")

    expect_open(page, "Cleo")
    expect(page.locator("[data-opens][tabindex='0']")).to_contain_text("Cleo")
    expect(page.locator("section:has(#part-to_contact) [data-opens]")).to_contain_text("Ben")
    page.keyboard.press("j")
    expect(row_of(page, "Ben")).to_be_focused()


def test_clicks_accept_one_reject_two_why_me_none(sign_in: SignIn, rep: User) -> None:
    offer("Ana", "Ben", "Cleo")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    work = page.locator("#work")
    expect(work.get_by_role("heading", name="Assigned to you")).to_be_visible()

    work.get_by_role("button", name="Accept").click()
    expect_open(page, "Ben")
    work.locator("summary", has_text="Reject").click()
    work.get_by_role("button", name="Bad timing").click()
    expect_open(page, "Cleo")

    assert states() == ["accepted", "rejected", "offered"]


def test_note_survives_a_session_that_ended(sign_in: SignIn, rep: User) -> None:
    [handoff] = offer("Ana")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    page.keyboard.press("r")
    page.get_by_label("Note for marketing").fill("Asks again in May")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    page.get_by_role("button", name="Bad timing").click()
    expect(page.get_by_text("You were signed out, so nothing was saved.")).to_be_visible()
    page.get_by_label("Email").fill(rep.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect_open(page, "Ana")
    expect(page.get_by_label("Note for marketing")).to_have_value("Asks again in May")
    page.get_by_role("button", name="Bad timing").click()
    expect(page.get_by_text("You're all caught up")).to_be_visible()
    rejected = Handoff.objects.select_related("rejection").get(pk=handoff.pk)
    assert rejected.rejection.note == "Asks again in May"


def test_note_is_not_kept_for_the_next_person(sign_in: SignIn, rep: User) -> None:
    offer("Ana", "Ben")
    other = make_rep("Jon Adler")
    other.set_password(PASSWORD)
    other.save()
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    page.keyboard.press("r")
    page.get_by_label("Note for marketing").fill("Asks again in May")
    page.get_by_role("button", name="Bad timing").click()
    expect_open(page, "Ben")
    assert page.evaluate("sessionStorage.getItem('draft')") is None
    page.keyboard.press("r")
    page.get_by_label("Note for marketing").fill("Private matters")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Bad timing").click()
    expect(page.get_by_text("You were signed out, so nothing was saved.")).to_be_visible()
    Handoff.objects.open().update(owner=other)
    Lead.objects.update(owner=other)

    page.get_by_label("Email").fill(other.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect_open(page, "Ben")
    page.keyboard.press("r")
    expect(page.get_by_label("Note for marketing")).to_have_value("")


def test_page_recovers_when_the_connection_is_back(sign_in: SignIn, rep: User) -> None:
    offer("Ana")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    banner = page.get_by_role("alert").filter(has_text="That did not work")
    page.context.set_offline(True)
    page.locator("#work").get_by_role("button", name="Accept").click()
    expect(banner).to_be_visible()
    offer("Ben")

    page.context.set_offline(False)

    expect(banner).to_be_hidden()
    expect(row_of(page, "Ben")).to_be_visible()
    expect_open(page, "Ana")
    page.locator("#work").get_by_role("button", name="Accept").click()
    expect_open(page, "Ben")
    assert states()[:1] == ["accepted"]


def test_long_arabic_name_fits_and_reads_from_the_right(sign_in: SignIn, rep: User) -> None:
    [handoff] = offer(ARABIC)
    page = sign_in(rep)

    for width in (390, 1140, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for address in ("/inbox/", f"/leads/{handoff.lead_id}/?from=inbox"):
            page.goto(address, wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") == width
    direction = "element => getComputedStyle(element).direction"
    assert page.locator("h1").evaluate(direction) == "rtl"
    page.goto("/inbox/")
    assert row_of(page, ARABIC[:20]).locator("strong").evaluate(direction) == "rtl"


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1140, 1280])
def test_explained_deadline_fits_its_card(sign_in: SignIn, rep: User, width: int) -> None:
    [handoff] = offer("Ana")
    page = sign_in(rep)
    page.set_viewport_size({"width": width, "height": 844})
    address = "/inbox/" if width >= 1024 else f"/leads/{handoff.lead_id}/?from=inbox"
    page.goto(address, wait_until="networkidle")

    for summary in page.locator("summary", has_text="Explain this deadline").all():
        summary.click()

    beyond = page.locator(".spans").evaluate_all(
        """tables => tables.map(table => {
            const right = (element) => element.getBoundingClientRect().right;
            return right(table) - right(table.closest(".card"));
        })"""
    )
    assert len(beyond) == 2
    assert max(beyond) < 0
    totals = page.locator(".spans tfoot td").all()
    assert all(total.is_visible() for total in totals)


@pytest.fixture
def _patient_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers can be undone for as long as a slow machine needs."""
    monkeypatch.setattr("handoff.answers.undo.UNDO_WITHIN", timedelta(minutes=10))


@pytest.mark.usefixtures("_patient_undo")
def test_undo_opens_the_lead_again(sign_in: SignIn, rep: User, complaints: Complaints) -> None:
    offer("Ana", "Ben")
    page = sign_in(rep)
    page.goto("/inbox/")
    expect_open(page, "Ana")
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect_open(page, "Ben")
    message = page.locator("[data-toast]")
    expect(message).to_contain_text("Rejected Ana (No budget or project canceled).")
    assert states() == ["rejected", "offered"]

    page.keyboard.press("z")

    expect_open(page, "Ana")
    expect(page.locator(":focus")).to_have_text("Ana")
    expect(message).to_have_count(0)
    assert states() == ["offered", "offered"]
    assert complaints == []


@pytest.mark.usefixtures("_patient_undo")
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_undo_is_a_form_without_scripts(sign_in: SignIn, rep: User) -> None:
    first, _ = offer("Ana", "Ben")
    page = sign_in(rep)
    page.goto(f"/leads/{first.lead_id}/?from=inbox")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("h1")).to_have_text("Ben")

    page.get_by_role("button", name="Undo").click()

    expect(page.locator("h1")).to_have_text("Ana")
    expect(page.get_by_role("link", name="Next lead")).to_be_visible()
    assert states() == ["offered", "offered"]
