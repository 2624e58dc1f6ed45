"""The people who come: what is true of each, and what they say of it on a form."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tools.demo import words
from tools.demo.flows import ORDER, Flow, Verdict

KNOWN_FIRM: Final = 0.3
SAYS_PROBLEM: Final = {"demo": 0.75, "consultation": 0.9, "download": 0.2, "low_intent": 0.35}
UNSERVED: Final = "elsewhere"


@dataclass(frozen=True)
class Firm:
    name: str
    domain: str
    industry: str
    employees: int
    country: str


@dataclass
class Prospect:
    """`told` is what their forms say; `withheld` is what marketing can find out later."""

    flow: Flow
    verdict: Verdict
    region: str
    firm: Firm
    told: dict[str, Any]
    withheld: dict[str, Any] = field(default_factory=dict)
    has_private_mail: bool = False


class Firms:
    """Companies so far, so that several people come from the same one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], list[Firm]] = {}
        self._domains: set[str] = set()

    def some(self, region: str, rng: Random, *, fits: bool) -> Firm:
        known = self._known.get((region, fits))
        if known and rng.random() < KNOWN_FIRM:
            return rng.choice(known)
        return self.found(region, rng, fits=fits)

    def found(self, region: str, rng: Random, *, fits: bool) -> Firm:
        trades = words.TRADES if fits else words.OTHER_TRADES
        country = rng.choice(words.COUNTRIES[region])
        while True:
            industry = rng.choice(tuple(trades))
            brand = f"{rng.choice(words.COMPANY_STEMS)} {rng.choice(trades[industry])}"
            if rng.random() < 0.5:
                brand = f"{rng.choice(words.COMPANY_STEMS)} & {brand}"
            domain = f"{slug(brand)}.example"
            if domain not in self._domains:
                break
        form = rng.choice(words.COMPANY_FORMS.get(country, (" Ltd",)))
        staff = people_in(rng) if fits else rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))
        firm = Firm(brand + form, domain, industry, staff, country)
        self._domains.add(domain)
        self._known.setdefault((region, fits), []).append(firm)
        return firm


class Crowd:
    """Makes prospects; nobody gets an address twice."""

    def __init__(self, firms: Firms, rng: Random) -> None:
        self.firms = firms
        self.rng = rng
        self._addresses: set[str] = set()

    def somebody(self, flow: Flow) -> Prospect:
        rng = self.rng
        verdict = rng.choices(ORDER, flow.verdicts)[0]
        region = rng.choices(list(flow.regions), list(flow.regions.values()))[0]
        if region == UNSERVED and verdict in {Verdict.QUALIFIES, Verdict.NO_BUDGET}:
            verdict = Verdict.NOT_ICP
        fits = verdict is not Verdict.NOT_ICP or region == UNSERVED
        # Of a company that is known already, nothing would be missing.
        known = verdict is not Verdict.CANNOT_EVALUATE
        firm = (self.firms.some if known else self.firms.found)(region, rng, fits=fits)
        return self.person(flow, verdict, region, firm)

    def person(self, flow: Flow, verdict: Verdict, region: str, firm: Firm) -> Prospect:
        rng = self.rng
        first = rng.choice(words.FIRST_NAMES[region])
        last = rng.choice(words.LAST_NAMES[region])
        title, seniority = rng.choice(titles_for(verdict, firm))
        is_private = seniority == "student" or (verdict is Verdict.BAD_DATA and rng.random() < 0.4)
        told: dict[str, Any] = {
            "email": self._address(first, last, "mail.example" if is_private else firm.domain),
            "name": f"{first} {last}",
            "country": firm.country,
            "consent": rng.random() < 0.8,
        }
        known = {
            "title": title,
            "company": firm.name,
            "company_country": firm.country,
            "employees": firm.employees,
            "industry": firm.industry,
            "phone": phone_in(firm.country, rng),
            "persona": words.PERSONAS.get(seniority, ""),
        }
        prospect = Prospect(flow, verdict, region, firm, told, has_private_mail=is_private)
        self._share(prospect, known)
        return prospect

    def colleague(self, of: Prospect, verdict: Verdict) -> Prospect:
        """Somebody else at the same company, whom marketing found instead."""
        return self.person(of.flow, verdict, of.region, of.firm)

    def _share(self, prospect: Prospect, known: Mapping[str, Any]) -> None:
        """Most tell most; those who cannot be evaluated keep two or three things back."""
        rng, flow = self.rng, prospect.flow
        secret: set[str] = set()
        if prospect.verdict is Verdict.CANNOT_EVALUATE:
            secret = {"employees", "industry", rng.choice(("phone", "company_country"))}
        for name, value in known.items():
            says = rng.random() < flow.completeness * (0.7 if name == "phone" else 1)
            if name not in secret and says:
                prospect.told[name] = value
            else:
                prospect.withheld[name] = value
        if rng.random() < SAYS_PROBLEM[flow.lead_type]:
            prospect.told["stated_problem"] = rng.choice(words.PROBLEMS)
        if flow.lead_type in {"demo", "consultation"}:
            prospect.told["timing"] = timing_of(prospect.verdict, rng)
            prospect.told["product_interest"] = rng.choice(words.PRODUCTS)
            prospect.told["why"] = rng.choice(words.WHY)
            if rng.random() < 0.3:
                prospect.told["budget_context"] = rng.choice(words.BUDGETS)

    def _address(self, first: str, last: str, host: str) -> str:
        local = f"{slug(first)}.{slug(last)}"
        number = 1
        while (address := f"{local}{number if number > 1 else ''}@{host}") in self._addresses:
            number += 1
        self._addresses.add(address)
        return address


def people_in(rng: Random) -> int:
    """Mostly 50 to 500 people, with a long tail."""
    return int(min(4_000, max(12, rng.lognormvariate(5.0, 0.9))))


def titles_for(verdict: Verdict, firm: Firm) -> tuple[tuple[str, str], ...]:
    if firm.industry in words.OTHER_TRADES:
        return words.OWNERS
    return words.OTHERS if verdict is Verdict.NO_AUTHORITY else words.DECIDERS


def timing_of(verdict: Verdict, rng: Random) -> str:
    if verdict is Verdict.BAD_TIMING:
        return rng.choice(("this_year", "later"))
    return rng.choice(("now", "this_quarter", "this_quarter", "this_year", ""))


def phone_in(country: str, rng: Random) -> str:
    if country not in words.PHONES:
        return ""
    return rng.choice(words.PHONES[country]).format(rng.randint(*words.PHONE_RANGES[country]))


def slug(text: str) -> str:
    """As it stands in an address: ü becomes u, spaces and signs become hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i").lower()).encode("ascii", "ignore")
    return "-".join("".join(c if c.isalnum() else " " for c in plain.decode()).split())
