"""Put a routing decision into words and into the JSON that is stored with it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.criteria.explain import Explanation
from core.criteria.tree import EVERY_LEAD
from handoff.assignment.engine import Selection
from handoff.assignment.trace import candidates_as_json, round_robin_text
from handoff.routing.matching import RuleMatch
from handoff.routing.specs import RouteTarget, RuleSpec
from leads.field_catalog import CATALOG

SHOWN_OUTCOMES: Final = {"chosen": "matched", "nobody": "no_one_available"}


def missing_text(match: RuleMatch) -> str:
    labels = " and ".join(CATALOG[code].label for code in match.missing)
    return f"Moved to nurture because these are unknown: {labels}."


def place_text(rule: RuleSpec) -> str:
    if rule.target is RouteTarget.NURTURE:
        return f"Moved to nurture {_by_rule(rule)}."
    return f"Assigned to the {rule.team_name} queue {_by_rule(rule)}."


def person_text(rule: RuleSpec, selection: Selection) -> str:
    assert selection.chosen is not None
    name = selection.chosen.name
    assigned = f"Assigned to {name} {_by_rule(rule)}."
    if rule.target is RouteTarget.ACCOUNT_OWNER:
        return f"{assigned} {name} owns the account."
    if rule.target is RouteTarget.COMPANY_REP:
        return f"{assigned} {name} has another open lead of this company."
    if rule.target is RouteTarget.PERSON:
        return f"{assigned} The rule names {name}."
    return f"{assigned} {round_robin_text(selection)}"


def fallback_text(rule: RuleSpec) -> str:
    return (
        f"Assigned to the {rule.fallback_queue_name} queue {_by_rule(rule)}. No one was available."
    )


def _by_rule(rule: RuleSpec) -> str:
    if rule.criteria == EVERY_LEAD:
        return f"by the rule “{rule.name}”, which matches all leads"
    return f"by the rule “{rule.name}” because {rule.words}"


def trace_as_json(
    match: RuleMatch,
    winner: RuleSpec | None,
    selections: Mapping[int, Selection],
    *,
    target: RouteTarget,
    seed: int,
) -> dict[str, Any]:
    """Return every rule up to the winner, its conditions with their facts, and its candidates."""
    rules = []
    for rule, explanation in match.evaluated:
        rules.append(_rule_as_json(rule, explanation, winner, selections.get(rule.id)))
        if rule is winner:
            break
    return {
        "version": match.version,
        "seed": seed,
        "missing": list(match.missing),
        "rules": rules,
        "target": target.value,
    }


def _rule_as_json(
    rule: RuleSpec, explanation: Explanation, winner: RuleSpec | None, selection: Selection | None
) -> dict[str, Any]:
    data: dict[str, Any] = {"id": rule.id, "name": rule.name, "criteria": explanation}
    passed = explanation["passed"]
    if passed is not True:
        return {**data, "outcome": "unknown" if passed is None else "no_match"}
    data["outcome"] = "chosen" if rule is winner else "nobody"
    if selection:
        data["people"] = candidates_as_json(selection)
        if selection.round_robin:
            data["settled_by"] = selection.round_robin.settled_by
    return data


def shown_rules(traced: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Convert the rules of a trace for `components/trace.jinja`."""
    return [
        {
            "place": place,
            "name": rule["name"],
            "outcome": SHOWN_OUTCOMES.get(rule["outcome"], "failed"),
            "text": "A field it needs is unknown." if rule["outcome"] == "unknown" else "",
            "explanation": rule["criteria"],
            "candidates": shown_candidates(rule.get("people", ())),
        }
        for place, rule in enumerate(traced, start=1)
    ]


def shown_candidates(people: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(person["name"], person["excluded"] or "Available") for person in people]
