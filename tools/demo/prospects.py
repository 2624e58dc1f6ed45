"""The contacts of the demo: the facts about each, and what they enter in forms."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tools.demo import words
from tools.demo.flows import VERDICTS, Flow, Verdict

KNOWN_COMPANY_RATE: Final = 0.3
STATES_PROBLEM_RATE: Final = {
    "demo": 0.75,
    "consultation": 0.9,
    "download": 0.2,
    "low_intent": 0.35,
}
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
    """`answers` are entered in forms; `withheld` facts can be found by marketing later."""

    flow: Flow
    verdict: Verdict
    region: str
    firm: Firm
    answers: dict[str, Any]
    withheld: dict[str, Any] = field(default_factory=dict)
    has_private_email: bool = False


class Firms:
    """The companies of the demo; some have several contacts."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], list[Firm]] = {}
        self._domains: set[str] = set()

    def pick(self, region: str, rng: Random, *, fits: bool) -> Firm:
        known = self._known.get((region, fits))
        if known and rng.random() < KNOWN_COMPANY_RATE:
            return rng.choice(known)
        return self.create(region, rng, fits=fits)

    def create(self, region: str, rng: Random, *, fits: bool) -> Firm:
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
        staff = employee_count(rng) if fits else rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))
        firm = Firm(brand + form, domain, industry, staff, country)
        self._domains.add(domain)
        self._known.setdefault((region, fits), []).append(firm)
        return firm


class Crowd:
    """Creates prospects with unique email addresses."""

    def __init__(self, firms: Firms, rng: Random) -> None:
        self.firms = firms
        self.rng = rng
        self._addresses: set[str] = set()

    def new_prospect(self, flow: Flow) -> Prospect:
        rng = self.rng
        verdict = rng.choices(VERDICTS, flow.verdicts)[0]
        region = rng.choices(list(flow.regions), list(flow.regions.values()))[0]
        if region == UNSERVED and verdict in {Verdict.QUALIFIES, Verdict.NO_BUDGET}:
            verdict = Verdict.NOT_ICP
        fits = verdict is not Verdict.NOT_ICP or region == UNSERVED
        # A known company has no missing facts.
        known = verdict is not Verdict.CANNOT_EVALUATE
        firm = (self.firms.pick if known else self.firms.create)(region, rng, fits=fits)
        return self.person(flow, verdict, region, firm)

    def person(self, flow: Flow, verdict: Verdict, region: str, firm: Firm) -> Prospect:
        rng = self.rng
        first = rng.choice(words.FIRST_NAMES[region])
        last = rng.choice(words.LAST_NAMES[region])
        title, seniority = rng.choice(titles_for(verdict, firm))
        is_private = seniority == "student" or (verdict is Verdict.BAD_DATA and rng.random() < 0.4)
        answers: dict[str, Any] = {
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
            "phone": phone_number(firm.country, rng),
            "persona": words.PERSONAS.get(seniority, ""),
        }
        prospect = Prospect(flow, verdict, region, firm, answers, has_private_email=is_private)
        self._share(prospect, known)
        return prospect

    def colleague(self, of: Prospect, verdict: Verdict) -> Prospect:
        """Create another contact of the same company, as marketing finds one."""
        return self.person(of.flow, verdict, of.region, of.firm)

    def _share(self, prospect: Prospect, known: Mapping[str, Any]) -> None:
        """Split the facts into answers and withheld ones; unclear leads withhold two or more."""
        rng, flow = self.rng, prospect.flow
        hidden: set[str] = set()
        if prospect.verdict is Verdict.CANNOT_EVALUATE:
            hidden = {"employees", "industry", rng.choice(("phone", "company_country"))}
        for name, value in known.items():
            answers = rng.random() < flow.completeness * (0.7 if name == "phone" else 1)
            if name not in hidden and answers:
                prospect.answers[name] = value
            else:
                prospect.withheld[name] = value
        if rng.random() < STATES_PROBLEM_RATE[flow.lead_type]:
            prospect.answers["stated_problem"] = rng.choice(words.PROBLEMS)
        if flow.lead_type in {"demo", "consultation"}:
            prospect.answers["timing"] = timing_of(prospect.verdict, rng)
            prospect.answers["product_interest"] = rng.choice(words.PRODUCTS)
            prospect.answers["why"] = rng.choice(words.WHY)
            if rng.random() < 0.3:
                prospect.answers["budget_context"] = rng.choice(words.BUDGETS)

    def _address(self, first: str, last: str, host: str) -> str:
        local = f"{slug(first)}.{slug(last)}"
        number = 1
        while (address := f"{local}{number if number > 1 else ''}@{host}") in self._addresses:
            number += 1
        self._addresses.add(address)
        return address


def employee_count(rng: Random) -> int:
    """Return mostly 50 to 500, with a long tail."""
    return int(min(4_000, max(12, rng.lognormvariate(5.0, 0.9))))


def titles_for(verdict: Verdict, firm: Firm) -> tuple[tuple[str, str], ...]:
    if firm.industry in words.OTHER_TRADES:
        return words.OWNERS
    return words.OTHER_TITLES if verdict is Verdict.NO_AUTHORITY else words.DECISION_MAKERS


def timing_of(verdict: Verdict, rng: Random) -> str:
    if verdict is Verdict.BAD_TIMING:
        return rng.choice(("this_year", "later"))
    return rng.choice(("now", "this_quarter", "this_quarter", "this_year", ""))


def phone_number(country: str, rng: Random) -> str:
    if country not in words.PHONES:
        return ""
    return rng.choice(words.PHONES[country]).format(rng.randint(*words.PHONE_RANGES[country]))


def slug(text: str) -> str:
    """Return the text as in an address: ü becomes u, and other characters become hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i").lower()).encode("ascii", "ignore")
    return "-".join("".join(c if c.isalnum() else " " for c in plain.decode()).split())
