"""Decide which company a touch speaks of."""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from cleanco import basename

from leads.normalization.names import words_of


class CompanyNames(NamedTuple):
    name: str
    domain: str | None

    @property
    def has_name(self) -> bool:
        """Tell a name from a domain that stands for it."""
        return bool(self.name) and self.name != self.domain


class Match(Enum):
    CURRENT = auto()  # the company of the contact, or none
    DOMAIN_HOLDER = auto()  # the company that has the domain
    NEW = auto()


@lru_cache(maxsize=10_000)
def company_key(name: str) -> str:
    """Return the same key for “Kontor Neun”, “KONTOR NEUN GmbH” and “Kontor Neun, Inc.”."""
    return " ".join(words_of(basename(name) or name))


def names_agree(name: str, other: str) -> bool:
    return company_key(name) == company_key(other)


def match_company(
    stated: CompanyNames,
    current: CompanyNames | None,
    holder: CompanyNames | None,
    *,
    is_address_of_current: bool,
) -> Match:
    """Compare the stated company with the contact's and with the holder of the stated domain.

    `is_address_of_current` if the contact's email has the domain of the current company.
    """
    if not stated.name and not stated.domain:
        return Match.CURRENT
    elsewhere = Match.DOMAIN_HOLDER if holder is not None else Match.NEW
    if current is None:
        return elsewhere
    is_same_domain = current.domain is not None and stated.domain == current.domain
    if is_address_of_current or is_same_domain:
        return Match.CURRENT  # however the name is spelled
    if stated.name and current.has_name and not names_agree(stated.name, current.name):
        return elsewhere
    if holder is None or current.domain:
        return Match.CURRENT
    fits_holder = not stated.name or not holder.has_name or names_agree(stated.name, holder.name)
    return Match.DOMAIN_HOLDER if fits_holder else Match.CURRENT
