from pathlib import Path

import pytest

from core.countries import COUNTRIES
from leads.normalization.identity import email, phone, website
from leads.normalization.values import BadValue, Text, country


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (" Ann.Lee@Company.EXAMPLE ", "ann.lee@company.example"),
        ("ann@münchen.de", "ann@xn--mnchen-3ya.de"),
        ("Ann@XN--mnchen-3ya.de", "ann@xn--mnchen-3ya.de"),
        ("o'neil+crm@company.example", "o'neil+crm@company.example"),
    ],
)
def test_email_is_normalized(raw: str, clean: str) -> None:
    assert email(raw) == clean


@pytest.mark.parametrize(
    "raw",
    ["ann", "ann@", "@x.example", "ann@localhost", "a b@x.example", "a@x..example", "a@-x.de"],
)
def test_invalid_email_is_rejected(raw: str) -> None:
    with pytest.raises(BadValue):
        email(raw)


@pytest.mark.parametrize(
    ("raw", "domain"),
    [
        ("https://www.Company.co.uk/about?x=1", "company.co.uk"),
        ("company.example", "company.example"),
        ("linkedin.com/in/ann", "linkedin.com"),
    ],
)
def test_website_is_read_as_its_registered_domain(raw: str, domain: str) -> None:
    assert website(raw) == domain


@pytest.mark.parametrize("raw", ["company", "http://[::1", "192.0.2.7", "javascript:alert(1)"])
def test_invalid_website_is_rejected(raw: str) -> None:
    with pytest.raises(BadValue):
        website(raw)


@pytest.mark.parametrize(
    ("raw", "region", "clean"),
    [
        ("+49 (0)30 / 90 18 20", "", "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("00 44 20 7946 0958", "", "+442079460958"),
        ("0044 20 7946 0958", "US", "+442079460958"),
        ("612 34 56 78", "ES", "+34612345678"),
        # As a spreadsheet leaves them: without plus, without zero, with decimals.
        ("01711234567.0", "DE", "+491711234567"),
        ("1711234567", "DE", "+491711234567"),
        ("447911123456", "GB", "+447911123456"),
        ("+491711234567.00", "", "+491711234567"),
        ("393331234567", "IT", "+393331234567"),
        ("12125550100", "US", "+12125550100"),
    ],
)
def test_phone_is_normalized(raw: str, region: str, clean: str) -> None:
    assert phone(raw, region) == (clean, "")


@pytest.mark.parametrize(
    ("raw", "extension"),
    [("+1 310 555 0199 ext. 12", "12"), ("+1 310 555 0199 x77", "77"), ("+1 310 555 0199", "")],
)
def test_extension_is_kept(raw: str, extension: str) -> None:
    assert phone(raw, "") == ("+13105550199", extension)


@pytest.mark.parametrize("raw", ["491711234567", "33612345678", "16012345678"])
def test_phone_that_could_be_two_numbers_is_rejected(raw: str) -> None:
    with pytest.raises(BadValue) as refusal:
        phone(raw, "DE")

    assert str(refusal.value) == f"“{raw}” could be two numbers. Start with + or with 0."


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("030 901820", "“030 901820” has no country code. Start with + or add the country."),
        ("call me", "“call me” is not a phone number."),
        ("+49 3", "“+49 3” is not a phone number."),
        ("+49 123456789012345678", "“+49 123456789012345678” is not a phone number."),
        ("+1 111 111 1111", "“+1 111 111 1111” is not a phone number of its country."),
        ("4.91711E+11", "“4.91711E+11” was shortened by a spreadsheet."),
    ],
)
def test_invalid_phone_is_rejected_with_the_reason(raw: str, message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        phone(raw, "")

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("germany", "DE"),
        ("UK", "GB"),
        ("Brasil", "BR"),
        ("United States of America", "US"),
        ("Korea, Republic of", "KR"),
        ("Russian Federation", "RU"),
    ],
)
def test_country_is_accepted_by_code_or_name(raw: str, code: str) -> None:
    assert country(raw) == code


def test_country_codes_and_names_keep_their_meaning() -> None:
    table = Path(__file__).with_name("country_names.txt").read_text(encoding="utf-8")
    names = {line[:2]: line[3:].split("; ") for line in table.splitlines()}
    expected = {text: code for code, texts in names.items() for text in [code, *texts]}

    assert {text: country(text) for text in expected} == expected
    assert names.keys() <= dict(COUNTRIES).keys()


def test_countries_have_short_names_in_alphabetical_order() -> None:
    shown = dict(COUNTRIES)

    assert [shown[code] for code in ("CZ", "GB", "KR", "US", "VN")] == [
        "Czechia",
        "United Kingdom",
        "South Korea",
        "United States",
        "Vietnam",
    ]
    assert list(shown)[:3] == ["AF", "AX", "AL"]
    assert list(shown)[-3:] == ["YE", "ZM", "ZW"]


def test_line_breaks_are_kept_only_in_multiline_text() -> None:
    assert Text(20)(" a\r\n\tb ") == "a b"
    assert Text(20, many_lines=True)("a\nb") == "a\nb"


def test_text_is_normalized_to_nfc() -> None:
    assert Text(20)("Cafe\N{COMBINING ACUTE ACCENT}") == "Caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    assert Text(20)("Jose\N{COMBINING ACUTE ACCENT}\N{NO-BREAK SPACE}X") == "José X"
