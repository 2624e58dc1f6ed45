"""The small modules of static/js, each in a real browser."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from core.templatetags.countdowns import countdown_text

SITE = "http://sample.test"
LIST = """<!doctype html>
<ol data-key-list>
  {items}
</ol>
<label><input type="checkbox" data-keys-switch checked>Keys</label>
<div data-live></div>
<p data-connection hidden>The server did not answer.</p>
<script src="/static/js/keyboard.js" type="module"></script>
<script src="/static/js/live.js" type="module"></script>
"""
ITEM = """
<li data-key-item>
  <a href="#" data-key-focus id="{name}">{name}</a>
  <details data-answer>
    <summary data-key="r">Reject</summary>
    <form action="/answered/{name}/">
      <button name="reason" data-chosen disabled hidden>
        Reject<span data-chosen-label></span>
      </button>
      <fieldset data-digits>
        <button name="reason" value="unresponsive" data-digit="3" disabled>Unresponsive</button>
        <button name="reason" value="not_icp" data-digit="1">Not our profile</button>
        <button name="reason" value="bad_timing" data-digit="2" data-needs-note="Timing">…</button>
      </fieldset>
      <input name="note" data-note>
    </form>
  </details>
</li>
"""


@pytest.fixture(autouse=True)
def _committed() -> None:
    """Nothing here asks the server, so nothing needs the database."""


@pytest.fixture
def site() -> str:
    return SITE


@pytest.fixture
def keys(page: Page) -> Page:
    """Two leads in a list, with the real module and no server around them."""
    body = LIST.format(items="".join(ITEM.format(name=name) for name in ("ana", "luis")))
    serve_modules(page)
    page.route(f"{SITE}/sample/", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.route(f"{SITE}/answered/**", lambda route: route.fulfill(body="done"))
    page.goto("/sample/")
    return page


def serve_modules(page: Page) -> None:
    folder = Path(settings.BASE_DIR, "static/js")
    page.route(
        f"{SITE}/static/js/*",
        lambda route: route.fulfill(path=folder / route.request.url.rsplit("/", 1)[1]),
    )


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.name || ''"))


def press(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


@pytest.mark.parametrize(
    ("pressed", "lead"),
    [("j", "ana"), ("jj", "luis"), ("jjj", "luis"), ("jjk", "ana"), ("k", "ana")],
)
def test_j_and_k_move_between_leads_and_stop_at_the_ends(
    keys: Page, pressed: str, lead: str
) -> None:
    press(keys, *pressed)

    assert focused(keys) == lead


def test_letter_and_digit_reject_the_focused_lead(keys: Page) -> None:
    press(keys, "j", "j", "r", "1")
    keys.wait_for_url("**/answered/luis/**")

    assert keys.url.endswith("/answered/luis/?reason=not_icp&note=")


def test_a_letter_never_answers_for_another_lead(keys: Page) -> None:
    keys.evaluate("document.querySelector('#luis ~ details').remove()")

    press(keys, "r")  # while on no lead
    assert keys.locator("details[open]").count() == 0

    press(keys, "j", "j", "r", "1")  # while on one that cannot be rejected
    assert keys.locator("details[open]").count() == 0
    assert focused(keys) == "luis"
    assert keys.url.endswith("/sample/")


def test_letter_outside_the_list_acts_on_the_open_lead(keys: Page) -> None:
    keys.evaluate(
        """() => {
            const open = document.querySelector("#luis ~ details");
            document.body.append(open);
        }"""
    )

    press(keys, "j", "j", "r", "1")
    keys.wait_for_url("**/answered/luis/**")


def test_a_reason_that_needs_a_note_waits_for_it(keys: Page) -> None:
    press(keys, "j", "r", "2")

    assert focused(keys) == "note"
    assert keys.url.endswith("/sample/")


def test_reason_that_was_chosen_first_is_sent_with_its_note(keys: Page) -> None:
    press(keys, "j", "r", "2", "J", "Enter")
    keys.wait_for_url("**/answered/ana/**")

    assert keys.url.endswith("/answered/ana/?reason=bad_timing&note=J")


def test_enter_in_the_note_sends_nothing_without_a_reason(keys: Page) -> None:
    press(keys, "j", "r")
    keys.locator("#ana ~ details [name=note]").press("Enter")

    assert keys.url.endswith("/sample/")


def test_blocked_reason_cannot_be_chosen(keys: Page) -> None:
    press(keys, "j", "r", "3")

    assert keys.url.endswith("/sample/")


def test_letters_typed_into_a_field_are_letters(keys: Page) -> None:
    press(keys, "j", "r", "2", "j", "r", "1")

    assert keys.locator("#ana ~ details [name=note]").input_value() == "jr1"


def test_escape_closes_the_panel_and_restores_focus(keys: Page) -> None:
    press(keys, "j", "r", "Escape")

    assert keys.locator("details[open]").count() == 0
    assert keys.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_single_keys_can_be_switched_off_for_good(keys: Page) -> None:
    keys.locator("[data-keys-switch]").uncheck()
    keys.reload()
    press(keys, "j")

    assert not keys.locator("[data-keys-switch]").is_checked()
    assert focused(keys) == ""


def test_the_browser_counts_down_in_the_words_of_the_server(keys: Page) -> None:
    seconds = [200_000, 11_105, 3_600, 3_599, 600, 599, 61, 1, 0, -1, -720, -4_000, -108_000]

    texts = keys.evaluate(
        """async (all) => {
            const { countdownText } = await import("/static/js/countdown.js");
            return all.map((seconds) => countdownText(seconds * 1000));
        }""",
        seconds,
    )

    assert texts == [countdown_text(timedelta(seconds=left)) for left in seconds]


@pytest.mark.parametrize(
    ("keys_pressed", "waits"), [("j", False), ("jr", True), ("jr2", True), ("jr2x", True)]
)
def test_refresh_pauses_while_the_user_answers(keys: Page, keys_pressed: str, waits: bool) -> None:
    press(keys, *keys_pressed)

    is_held = keys.evaluate(
        """() => {
            const target = document.querySelector("[data-key-list]");
            const elt = document.querySelector("[data-live]");
            const detail = { elt, target };
            const options = { detail, bubbles: true, cancelable: true };
            return !elt.dispatchEvent(new CustomEvent("htmx:beforeRequest", options));
        }"""
    )

    assert is_held is waits


def test_unreachable_server_shows_an_error_until_it_answers(keys: Page) -> None:
    banner = keys.locator("[data-connection]")

    tell(keys, "sendError")
    assert banner.is_visible()

    tell(keys, "afterOnLoad", status=200)
    assert not banner.is_visible()


@pytest.mark.parametrize("event", ["sendError", "responseError"])
def test_error_goes_away_when_the_server_is_back(keys: Page, event: str) -> None:
    banner = keys.locator("[data-connection]")
    statuses = iter([503, 200])
    ready = f"{SITE}/health/ready/"
    keys.route(ready, lambda route: route.fulfill(status=next(statuses)))
    keys.clock.install()

    tell(keys, event, status=503)
    with keys.expect_response(ready):
        keys.clock.run_for(3000)
    assert banner.is_visible()

    with keys.expect_response(ready):
        keys.clock.run_for(3000)
    expect(banner).to_be_hidden()


@pytest.mark.parametrize(
    ("status", "is_said"), [(200, False), (422, False), (403, True), (500, True)]
)
def test_refused_request_shows_an_error(keys: Page, status: int, is_said: bool) -> None:
    if is_said:
        tell(keys, "responseError", status=status)
    tell(keys, "afterOnLoad", status=status)

    assert keys.locator("[data-connection]").is_visible() is is_said


def tell(page: Page, name: str, **xhr: int) -> None:
    """Dispatch an event of htmx, which itself is not on the page."""
    page.evaluate(
        """([name, xhr]) => {
            document.dispatchEvent(new CustomEvent(`htmx:${name}`, { detail: { xhr } }));
        }""",
        [name, xhr],
    )


TOAST = """<!doctype html>
<div class="messages"><div class="message" data-toast>
  <span>Rejected Katrin Kaiser.</span>
  <svg class="toast-ring" viewBox="0 0 24 24"><circle r="9" pathLength="100" data-toast-ring/></svg>
  <form><button>Undo</button></form>
</div></div>
<link rel="stylesheet" href="/static/css/toast.css">
<script src="/static/js/toast.js" type="module"></script>
"""
RING = "document.getAnimations()[0]"


@pytest.fixture
def toast(page: Page) -> Page:
    folder = Path(settings.BASE_DIR, "static/css")
    serve_modules(page)
    page.route(
        f"{SITE}/static/css/*",
        lambda route: route.fulfill(path=folder / route.request.url.rsplit("/", 1)[1]),
    )
    page.route(f"{SITE}/toast/", lambda route: route.fulfill(body=TOAST, content_type="text/html"))
    page.goto("/toast/")
    page.locator(".toast").wait_for()
    return page


def test_toast_stays_for_ten_seconds_and_can_be_used_afterwards(toast: Page) -> None:
    assert toast.evaluate(f"{RING}.effect.getTiming().duration") == 10_000

    toast.evaluate(f"{RING}.finish()")

    expect(toast.locator(".toast")).to_have_count(0)
    expect(toast.locator(".messages.is-past").get_by_role("button", name="Undo")).to_be_visible()


@pytest.mark.parametrize("attention", ["hover", "focus"])
def test_toast_waits_while_the_pointer_or_the_focus_is_on_it(toast: Page, attention: str) -> None:
    assert toast.evaluate(f"{RING}.playState") == "running"

    getattr(toast.get_by_role("button", name="Undo"), attention)()
    assert toast.evaluate(f"{RING}.playState") == "paused"

    toast.mouse.move(0, 0)
    toast.evaluate("document.activeElement.blur()")
    assert toast.evaluate(f"{RING}.playState") == "running"
