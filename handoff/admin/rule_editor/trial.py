"""Try a lead on a version: holder, start, SLA and deadlines; nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.criteria.explain import fact_in_words
from core.criteria.fields import Facts
from core.errors import Refused
from handoff.admin.rule_editor.reading import Names, read_names
from handoff.assignment.history import decliners_of
from handoff.assignment.pools import PoolAssigner
from handoff.clock_kinds import CLOCK_KINDS
from handoff.configuration import configuration
from handoff.models import RuleSet
from handoff.routing import engine, publishing
from handoff.routing.candidates import candidates_of
from handoff.routing.matching import match_rules
from handoff.routing.specs import RouteTarget, RuleSetSpec
from handoff.routing.trace import shown_candidates, shown_rules
from handoff.sla.clocks import plan_clocks
from leads.facts import PATHS, facts_from_row
from leads.models import Lead
from people.calendars import value_of

FACTS: Final = ("lead.type", "contact.country", "company.employees", "lead.source")


@dataclass(frozen=True)
class Due:
    """A deadline as an SLA timer would count it."""

    label: str
    at: datetime


@dataclass(frozen=True)
class Trial:
    """The result for one version. `place` is that of the rule that decides."""

    version: RuleSet
    refusal: str = ""
    holder: str = ""
    because: str = ""
    place: int = 0
    rule_name: str = ""
    since: datetime | None = None
    sla_name: str = ""
    dues: tuple[Due, ...] = ()
    rules: tuple[dict[str, Any], ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()

    @property
    def outcome(self) -> tuple[str, str, str]:
        return self.holder, self.sla_name, self.refusal


@dataclass(frozen=True)
class Case:
    """A lead with all that rules ask about it, as it is now."""

    lead: Lead
    facts: Facts
    named: Mapping[RouteTarget, int | None]
    declined: Collection[int]
    names: Names

    @property
    def fact_lines(self) -> list[tuple[str, str]]:
        catalog = self.names.catalog
        texts = (fact_in_words(catalog[code], self.facts.get(code)) for code in FACTS)
        return [(label, value) for label, _, value in (text.partition(": ") for text in texts)]


def read_case(lead: Lead) -> Case:
    same = Lead.objects.filter(pk=lead.pk)
    rep = same.company_reps().get(lead.pk)
    owner = lead.company.owner_id if lead.company else None
    return Case(
        lead,
        facts_from_row(same.values_list(*PATHS).get(), has_company_rep=rep is not None),
        {RouteTarget.ACCOUNT_OWNER: owner, RouteTarget.COMPANY_REP: rep},
        decliners_of([lead.pk]).get(lead.pk, ()),
        read_names(),
    )


def try_lead(case: Case, version: RuleSet, at: datetime) -> Trial:
    try:
        spec = publishing.spec_of(version, case.names.catalog)
    except Refused as refusal:
        return Trial(version, refusal=str(refusal))
    pools = PoolAssigner(at, preferred_team_ids=spec.team_ids, locks=False)
    decision = engine.choose(
        match_rules(case.facts, spec),
        lambda rule: candidates_of(rule, pools, case.named),
        seed=case.lead.pk,
        declined=case.declined,
    )
    return _trial(version, spec, case, decision, at)


def _trial(
    version: RuleSet,
    spec: RuleSetSpec,
    case: Case,
    decision: engine.Decision,
    at: datetime,
) -> Trial:
    place = next((i for i, rule in enumerate(spec.rules) if rule.id == decision.rule_id), -1) + 1
    rule = spec.rules[place - 1] if place else None
    traced = decision.trace["rules"]
    evaluated = shown_rules(traced)
    not_reached = [
        {"place": number, "name": skipped.name, "outcome": "not_reached"}
        for number, skipped in enumerate(spec.rules, start=1)
        if number > len(traced)
    ]
    is_nurtured = decision.target is RouteTarget.NURTURE
    config = configuration.now()
    edition_id = (
        decision.owner.edition_id
        if decision.owner
        else config.team_editions.get(decision.team_id or 0)
    )
    policy = config.policy(decision.policy_code)
    planned = plan_clocks(
        policy,
        lead_type_id=case.lead.lead_type_id,
        temperature=case.lead.temperature,
        edition_id=edition_id,
        at=at,
    )
    return Trial(
        version=version,
        holder=_holder(decision, spec),
        because=decision.because,
        place=place,
        rule_name=rule.name if rule else "",
        since=None if is_nurtured else value_of(edition_id).next_open(at),
        sla_name="" if is_nurtured else case.names.policies.get(policy.code, policy.code),
        dues=()
        if is_nurtured
        else tuple(Due(CLOCK_KINDS[clock.kind].label, clock.due_at) for clock in planned),
        rules=(*evaluated, *not_reached),
        candidates=tuple(shown_candidates(traced[-1].get("people", ()))) if traced else (),
    )


def _holder(decision: engine.Decision, spec: RuleSetSpec) -> str:
    if decision.owner is not None:
        return decision.owner.name
    if decision.target is RouteTarget.NURTURE:
        return "Nurture"
    names = {rule.team_id: rule.team_name for rule in spec.rules}
    names |= {rule.fallback_queue_id: rule.fallback_queue_name for rule in spec.rules}
    return f"{names[decision.team_id]} queue"
