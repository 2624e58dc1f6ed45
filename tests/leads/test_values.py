from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from leads.normalization.values import (
    BadValue,
    Moment,
    Text,
    boolean,
    country,
    integer,
    named_texts,
)

BERLIN = ZoneInfo("Europe/Berlin")
HALF_PAST_NINE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (250, 250),
        (250.0, 250),
        ("250", 250),
        (" 250.0 ", 250),
        ("1,000", 1_000),
        ("1.000", 1_000),
        ("1 000", 1_000),
        ("12\u202f500", 12_500),
        ("1,000.00", 1_000),
        ("11-50", 11),
        ("11 – 50", 11),
        ("1,001 to 5,000", 1_001),
        ("10.000+", 10_000),
    ],
)
def test_whole_number_is_read_as_senders_write_it(raw: object, number: int) -> None:
    assert integer(raw) == number


@pytest.mark.parametrize("raw", ["many", "", "1.5", 1.5, True, None, "1,00,0", "-5", "5-", "٣"])
def test_value_that_is_not_a_whole_number_is_an_error(raw: object) -> None:
    with pytest.raises(BadValue):
        integer(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        *(
            (word, True)
            for word in (True, 1, 1.0, "true", "Yes", "y", "on", "ja", "Oui", "SÍ", "x")
        ),
        *((word, False) for word in (False, 0, "false", "No", "n", "off", "nein", "não", "0")),
    ],
)
def test_yes_and_no_are_read_as_senders_write_them(raw: object, expected: bool) -> None:
    assert boolean(raw) is expected


@pytest.mark.parametrize("raw", ["", "maybe", 2, None, [], "yes please"])
def test_value_that_is_not_yes_or_no_is_an_error(raw: object) -> None:
    with pytest.raises(BadValue):
        boolean(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-03-01T09:30:00Z",
        "2026-03-01 10:30:00+01:00",
        "2026-03-01 09:30:00 UTC",
        "2026-03-01 10:30:00 +0100",
        "2026-03-01T10:30",
        "Sun, 01 Mar 2026 09:30:00 GMT",
        "Sun, 1 Mar 2026 10:30:00 +0100",
        "Sun Mar 01 2026 10:30:00 GMT+0100 (Central European Standard Time)",
        1772357400,
        1772357400000,
        "1772357400",
        "1772357400.0",
        "1772357400000",
    ],
)
def test_moment_is_read_as_senders_write_it(raw: object) -> None:
    assert Moment(BERLIN)(raw) == HALF_PAST_NINE


@pytest.mark.parametrize(
    "raw",
    ["", "yesterday", "2026-02-30T09:00:00Z", "01.03.2026", "03/01/2026", 7, True, 46082, "2026"],
)
def test_value_that_is_not_a_moment_is_an_error(raw: object) -> None:
    with pytest.raises(BadValue):
        Moment(BERLIN)(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("DEU", "DE"),
        ("gbr", "GB"),
        ("The Netherlands", "NL"),
        ("Niederlande", "NL"),
        ("U.S.A.", "US"),
        ("Vereinigte Staaten", "US"),
        ("États-Unis", "US"),
        ("Cote d'Ivoire", "CI"),
        ("Czech Republic", "CZ"),
        ("Österreich", "AT"),
        ("España", "ES"),
        ("Polska", "PL"),
        ("日本", "JP"),
        ("Scotland", "GB"),
        ("Türkiye", "TR"),
        ("Kosovo", "XK"),
    ],
)
def test_country_is_read_by_common_names_and_both_codes(raw: str, code: str) -> None:
    assert country(raw) == code


@pytest.mark.parametrize("raw", ["Atlantis", "", "ZZ", "America the Great"])
def test_unknown_country_is_an_error(raw: str) -> None:
    with pytest.raises(BadValue):
        country(raw)


def test_number_is_read_as_text_where_text_is_meant() -> None:
    assert [Text(20)(raw) for raw in (4711, 4711.0, 2.5)] == ["4711", "4711", "2.5"]
    assert named_texts({"source": "x", "position": 3, "paid": True}) == {
        "source": "x",
        "position": "3",
        "paid": "true",
    }
