import pytest

from handoff.sla.durations import duration_words, minutes_of


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
