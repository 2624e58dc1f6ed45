from pathlib import Path

import pytest

from leads.countries import COUNTRIES
from leads.normalization.identity import corporate_domain, email, phone, website
from leads.normalization.titles import seniority_of
from leads.normalization.values import BadValue, Text, country


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        (" Ann.Lee@Company.EXAMPLE ", "ann.lee@company.example"),
        ("ann@münchen.de", "ann@xn--mnchen-3ya.de"),
        ("Ann@XN--mnchen-3ya.de", "ann@xn--mnchen-3ya.de"),
        ("o'neil+crm@company.example", "o'neil+crm@company.example"),
    ],
)
def test_one_mailbox_has_one_spelling(given: str, clean: str) -> None:
    assert email(given) == clean


@pytest.mark.parametrize(
    "given",
    ["ann", "ann@", "@x.example", "ann@localhost", "a b@x.example", "a@x..example", "a@-x.de"],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(BadValue):
        email(given)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mail.company.co.uk", "company.co.uk"),
        ("sales.company.example", "company.example"),
        ("shop.github.io", "shop.github.io"),
        ("gmail.com", ""),
        ("shaw.ca", ""),
        ("tutanota.com", ""),
        ("mail.telstra.com", "telstra.com"),
        ("mailinator.com", ""),
        ("co.uk", ""),
    ],
)
def test_a_mail_host_tells_the_company_unless_anybody_can_have_it(host: str, domain: str) -> None:
    assert corporate_domain(host) == domain


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        ("https://www.Company.co.uk/about?x=1", "company.co.uk"),
        ("company.example", "company.example"),
        ("linkedin.com/in/ann", ""),
        ("http://gmail.com", ""),
    ],
)
def test_a_website_tells_the_company(given: str, domain: str) -> None:
    assert website(given) == domain


@pytest.mark.parametrize("given", ["company", "http://[::1", "192.0.2.7", "javascript:alert(1)"])
def test_what_is_no_website_is_refused(given: str) -> None:
    with pytest.raises(BadValue):
        website(given)


@pytest.mark.parametrize(
    ("given", "region", "clean"),
    [
        ("+49 (0)30 / 90 18 20", "", "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("(212) 555-0100", "US", "+12125550100"),
    ],
)
def test_a_phone_number_has_one_spelling(given: str, region: str, clean: str) -> None:
    assert phone(given, region) == clean


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("030 901820", "“030 901820” has no country code: start with + or give the country."),
        ("call me", "“call me” is no phone number."),
        ("+49 3", "“+49 3” is no phone number."),
        ("+49 123456789012345678", "“+49 123456789012345678” is no phone number."),
    ],
)
def test_what_is_no_phone_number_is_refused(given: str, message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        phone(given, "")

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("title", "seniority"),
    [
        ("CEO", "c_level"),
        ("Co-Founder & CTO", "c_level"),
        ("Assistant to the CEO", "staff"),
        ("Vice President Sales", "vp"),
        ("Head of Marketing", "director"),
        ("Product Owner", "staff"),
        ("Sales Manager", "manager"),
        ("Werkstudent Marketing", "intern"),
        ("Geschäftsführerin", "c_level"),
        ("Software engineer", "staff"),
        ("Rock star", ""),
        ("Directory services", ""),
    ],
)
def test_a_title_tells_the_seniority(title: str, seniority: str) -> None:
    assert seniority_of(title) == seniority


@pytest.mark.parametrize(
    ("given", "code"),
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
def test_a_country_may_be_a_code_or_a_name(given: str, code: str) -> None:
    assert country(given) == code


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


def test_line_breaks_are_spaces_in_one_line_and_kept_in_many() -> None:
    assert Text(20)(" a\r\n\tb ") == "a b"
    assert Text(20, many_lines=True)("a\nb") == "a\nb"


def test_text_has_one_form_of_each_letter() -> None:
    assert Text(20)("Cafe\N{COMBINING ACUTE ACCENT}") == "Caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    assert Text(20)("Jose\N{COMBINING ACUTE ACCENT}\N{NO-BREAK SPACE}X") == "José X"
