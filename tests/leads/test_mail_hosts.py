import pytest

from leads.defaults import EMPLOYERS, FREE_MAIL
from leads.normalization.identity import MailHosts

HOSTS = MailHosts({**dict.fromkeys(FREE_MAIL, False), **dict.fromkeys(EMPLOYERS, True)})


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mail.company.co.uk", "company.co.uk"),
        ("sales.company.example", "company.example"),
        ("shop.github.io", "shop.github.io"),
        ("mail.telstra.com", "telstra.com"),
        ("aol.company.example", "company.example"),
        ("co.uk", ""),
    ],
)
def test_company_is_found_by_the_host_of_its_addresses(host: str, domain: str) -> None:
    assert HOSTS.corporate_domain(host) == domain


@pytest.mark.parametrize(
    "host",
    [
        *("gmail.com", "shaw.ca", "tutanota.com", "mailinator.com", "hotmail.nl", "yahoo.com.mx"),
        *("live.fr", "live.nl", "aol.co.uk", "gmx.es", "gmx.fr", "att.net", "virginmedia.com"),
        *("ziggo.nl", "vodafone.de", "bk.ru", "hanmail.net", "foxmail.com", "protonmail.ch"),
        *("privaterelay.appleid.com", "appleid.com", "passmail.net", "outlook.sa", "hotmail.rs"),
    ],
)
def test_consumer_and_disposable_hosts_belong_to_no_company(host: str) -> None:
    assert HOSTS.corporate_domain(host) == ""


def test_website_on_a_shared_host_identifies_no_company() -> None:
    assert [HOSTS.website_domain(domain) for domain in ("linkedin.com", "gmail.com")] == ["", ""]
    assert HOSTS.website_domain("company.example") == "company.example"


def test_correction_counts_for_subdomains_and_the_closest_one_wins() -> None:
    hosts = MailHosts({"isp.example": False, "office.isp.example": True, "gmail.com": True})

    assert hosts.corporate_domain("isp.example") == ""
    assert hosts.corporate_domain("users.isp.example") == ""
    assert hosts.corporate_domain("office.isp.example") == "isp.example"
    assert hosts.corporate_domain("gmail.com") == "gmail.com"
