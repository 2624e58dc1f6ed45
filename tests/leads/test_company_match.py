import pytest

from leads.company_match import CompanyNames, Match, match_company, names_agree

KONTOR = CompanyNames("Kontor Neun", None)
SPEICHER = CompanyNames("Speicher Neun AG", "speicher-neun.example")
UNNAMED = CompanyNames("speicher-neun.example", "speicher-neun.example")
NOTHING = CompanyNames("", None)


@pytest.mark.parametrize(
    ("stated", "current", "holder", "match"),
    [
        (NOTHING, None, None, Match.CURRENT),
        (NOTHING, KONTOR, None, Match.CURRENT),
        (KONTOR, None, None, Match.NEW),
        (SPEICHER, None, None, Match.NEW),
        (SPEICHER, None, UNNAMED, Match.DOMAIN_HOLDER),
        # The same company, however it is spelled.
        (CompanyNames("KONTOR NEUN GmbH", None), KONTOR, None, Match.CURRENT),
        (CompanyNames("Kontor Neun", "kontor.example"), KONTOR, None, Match.CURRENT),
        (CompanyNames("", "kontor.example"), KONTOR, None, Match.CURRENT),
        (CompanyNames("Speicher", "speicher-neun.example"), SPEICHER, SPEICHER, Match.CURRENT),
        (SPEICHER, UNNAMED, UNNAMED, Match.CURRENT),
        # Another company.
        (SPEICHER, KONTOR, None, Match.NEW),
        (CompanyNames("Speicher Neun AG", None), KONTOR, None, Match.NEW),
        (SPEICHER, KONTOR, SPEICHER, Match.DOMAIN_HOLDER),
        (CompanyNames("", "speicher-neun.example"), KONTOR, SPEICHER, Match.DOMAIN_HOLDER),
        # A company that another one with a similar name and a domain turns out to be.
        (
            CompanyNames("Speicher Neun", "speicher-neun.example"),
            CompanyNames("Speicher Neun", None),
            SPEICHER,
            Match.DOMAIN_HOLDER,
        ),
        (
            CompanyNames("Kontor Neun", "speicher-neun.example"),
            KONTOR,
            SPEICHER,
            Match.CURRENT,
        ),
    ],
)
def test_company_of_a_touch(
    stated: CompanyNames, current: CompanyNames | None, holder: CompanyNames | None, match: Match
) -> None:
    assert match_company(stated, current, holder, is_address_of_current=False) is match


def test_corporate_address_decides_whatever_company_is_named() -> None:
    match = match_company(
        CompanyNames("Kontor Neun", "kontor.example"), SPEICHER, None, is_address_of_current=True
    )

    assert match is Match.CURRENT


@pytest.mark.parametrize(
    ("name", "other", "agree"),
    [
        ("Kontor Neun", "KONTOR NEUN GmbH & Co. KG", True),
        ("Müller", "Muller, Inc.", True),
        ("Kontor Neun", "Kontor Zehn", False),
        ("Co", "AG", False),
    ],
)
def test_company_names_agree_without_their_legal_form(name: str, other: str, agree: bool) -> None:
    assert names_agree(name, other) is agree
