import pytest

from config.bootstrap import bootstrap
from handoff.models import SlaPolicy
from handoff.sla import versions
from handoff.sla.durations import duration_words, minutes_of
from people.roles import Role
from tests.admin_pages import errors_of, open_page, url_of
from tests.factories import make_person
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("480", 480),
        ("8 working hours", 480),
        ("8h", 480),
        ("1h30m", 90),
        ("1 hour 30 min", 90),
        ("1 working hour and 5 minutes", 65),
        ("  30 Minutes ", 30),
        ("1 hour, 1 minute", 61),
    ],
)
def test_typed_duration_is_read_as_minutes(text: str, minutes: int) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize(
    "text", ["", "0", "soon", "2 days", "1.5 hours", "-5", "8 hours x", "9" * 12]
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Enter hours or minutes"):
        minutes_of(text)


@pytest.mark.parametrize(
    ("minutes", "is_working", "text"),
    [
        (480, True, "8 working hours"),
        (60, False, "1 hour"),
        (30, True, "30 working minutes"),
        (90, True, "1 working hour 30 min"),
        (1, False, "1 minute"),
    ],
)
def test_duration_is_shown_in_words(minutes: int, is_working: bool, text: str) -> None:
    assert duration_words(minutes, is_working=is_working) == text
    assert minutes_of(text) == minutes


@pytest.mark.django_db
def test_target_of_a_draft_is_typed_in_words_and_read_in_words() -> None:
    bootstrap(at=MONDAY_9AM)
    client = signed_in_as(make_person(Role.OPERATIONS))
    live = SlaPolicy.objects.get(code="urgent", status="published")
    draft = versions.copy_to_draft(live)
    url, sent = open_page(client, draft)
    row = next(name for name in sent if name.endswith("-0-within_minutes"))

    refused = client.post(url, sent | {row: "two days"})
    assert "Enter hours or minutes" in errors_of(refused)
    assert client.post(url, sent | {row: "8 working hours"}).status_code == 302

    assert draft.targets.filter(within_minutes=480).exists()
    values = Page(client.get(url_of(draft))).values("input[name$=within_minutes]")
    assert "8 hours" in values
    assert "30 working minutes" in Page(client.get(url_of(live))).text()
