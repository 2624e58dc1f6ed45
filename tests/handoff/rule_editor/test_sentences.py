from typing import Any

import pytest

from core.criteria.sentences import ConditionWords
from core.formatting import DateStyle, Formats, NumberStyle, shown_in
from handoff.admin.rule_editor.sentences import RuleWords
from handoff.routing.specs import RouteTarget, RuleSpec
from leads.criteria import parse


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            {"field": "lead.opened_at", "op": "since", "value": "2026-11-02T09:00:00+00:00"},
            "Opened is at or after Nov 2, 2026, 9:00 AM UTC",
        ),
        (
            {"field": "company.employees", "op": "at_least", "value": 1200},
            "Company size is at least 1,200 employees",
        ),
    ],
)
def test_words_that_a_process_keeps_have_the_formats_of_no_reader(
    condition: dict[str, Any], words: str
) -> None:
    rule = RuleSpec(id=1, name="Late", criteria=parse(condition), target=RouteTarget.NURTURE)

    with shown_in(Formats(DateStyle.ISO, NumberStyle.POINT)):
        kept = [rule.words, rule.explain({})["words"]]

    assert kept == [words] * 2


def test_rule_reads_as_a_sentence() -> None:
    conditions = (
        ConditionWords("Country", "is one of", ("Germany", "Austria")),
        ConditionWords("Company size", "is at least", ("200 employees",)),
    )
    rule = RuleWords(
        1,
        1,
        "Europe",
        conditions,
        "Round robin: Europe",
        otherwise="Qualification queue",
        sla="Urgent",
        only_in_hours=True,
    )

    assert str(rule) == (
        "When Country is one of Germany, Austria and Company size is at least 200 employees, "
        "assign to Round robin: Europe. Only during their working hours. "
        "If no one is available: Qualification queue. SLA: Urgent"
    )


def test_rule_without_conditions_names_all_leads() -> None:
    rule = RuleWords(1, 1, "The rest", (), "Nurture", is_assigned=False)

    assert str(rule) == "All leads: move to Nurture"


def test_conditions_of_which_one_is_enough_are_joined_by_or() -> None:
    conditions = (ConditionWords("Source", "is", ("Web",)), ConditionWords("Hot"))

    assert RuleWords(1, 1, "", conditions, "", is_any=True).when == "Source is Web or Hot"
