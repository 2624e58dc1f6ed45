"""The needs of a reason and the consequences of changing it, in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.admin.reason_editor.difference import details_between
from handoff.admin.reason_editor.forms import code_for
from handoff.admin.reason_editor.words import (
    OF_REJECTIONS,
    changes_wait,
    consequences,
    needs_of,
    waiting_words,
)
from handoff.models import RejectionReason

PROFILE = "Not our customer profile"


def reason(**fields: Any) -> RejectionReason:
    defaults = {"label": PROFILE, "route": "suppress", "key": 1, "fault": "audience"}
    return RejectionReason(**{**defaults, **fields})


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        (reason(), reason(), []),
        (
            reason(),
            reason(label="Not a fit"),
            [f"“Not a fit” replaces “{PROFILE}” everywhere, also on earlier answers."],
        ),
        (reason(), reason(help="Too small."), ["Reps read when to use it: “Too small.”"]),
        (reason(help="Too small."), reason(), ["Reps no longer read when to use it."]),
        (reason(), reason(key=8), ["Reps type 8 instead of 1."]),
        (
            reason(),
            reason(route="renurture", cool_down_days=180, signal_kinds=[]),
            [
                f"From now on, leads rejected with “{PROFILE}”: Goes to nurture. Until now: Closes "
                "the lead and suppresses the contact.",
                "Leads rejected with it from now on may resurface after 180 days instead of never.",
            ],
        ),
        (
            reason(route="renurture", cool_down_days=180),
            reason(route="renurture", cool_down_days=1),
            [
                "Leads rejected with it from now on may resurface after 1 day instead of after "
                "180 days."
            ],
        ),
        (
            reason(route="enrich", cool_down_days=30),
            reason(route="enrich"),
            [
                "Leads rejected with it from now on have no date to resurface. Until now it was "
                "after 30 days."
            ],
        ),
        (
            reason(route="passive", signal_kinds=["demo_request"]),
            reason(route="passive", signal_kinds=["webinar_attended"]),
            [
                "Leads rejected with it from now on are also offered to sales again at: Webinar "
                "attended. Leads rejected with it from now on are no longer offered to sales again "
                "at: Demo request."
            ],
        ),
        (reason(), reason(fault="form"), ["It counts as the fault of: Form instead of Audience."]),
        (reason(), reason(requires_note=True), ["Reps must add a note."]),
        (
            reason(requires_attempts=True),
            reason(),
            ["Reps can choose it before they log any attempt."],
        ),
    ],
)
def test_consequences_of_a_change(
    old: RejectionReason, new: RejectionReason, sentences: list[str]
) -> None:
    assert list(consequences(OF_REJECTIONS, old, new)) == sentences


def test_key_of_an_inactive_reason_means_nothing() -> None:
    old, new = reason(is_active=False), reason(is_active=False, key=8)

    assert list(consequences(OF_REJECTIONS, old, new)) == []


def test_days_of_a_route_that_closes_the_lead_change_nothing() -> None:
    assert not changes_wait(reason(), reason(cool_down_days=90))
    assert changes_wait(reason(), reason(route="enrich"))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "No lead is waiting for its date now."),
        (1, "The lead that is waiting keeps its date and its buying signals."),
        (1400, "The 1,400 leads that are waiting keep their dates and their buying signals."),
    ],
)
def test_leads_that_wait_are_counted_in_words(number: int, words: str) -> None:
    assert waiting_words(number) == words


def test_needs_are_words() -> None:
    assert needs_of(reason()) == []
    assert needs_of(reason(requires_note=True, credits_round_robin=True)) == [
        "Needs a note",
        "Gives the position in the round robin back",
    ]


def test_details_name_what_changed() -> None:
    old = reason(route="renurture", cool_down_days=180, signal_kinds=["demo_request"])
    new = reason(label="Not a fit", route="suppress", signal_kinds=["demo_request", "form"])

    assert [str(detail) for detail in details_between(old, new)] == [
        f"Label from {PROFILE} to Not a fit",
        "Follow-up from Nurture until a date to Suppress",
        "Days before it may resurface: 180 removed",
        "Form added to Buying signals",
    ]


@pytest.mark.parametrize(
    ("label", "taken", "code"),
    [
        ("Outside our region", set(), "outside_our_region"),
        ("Für München", set(), "fur_munchen"),
        ("Bad data", {"bad_data"}, "bad_data_2"),
        ("Bad data", {"bad_data", "bad_data_2"}, "bad_data_3"),
        ("لا ميزانية", set(), "reason"),
        ("  ", set(), ""),
        ("x" * 80, set(), "x" * 40),
        ("x" * 80, {"x" * 40}, "x" * 36 + "_2"),
    ],
)
def test_code_follows_the_label(label: str, taken: set[str], code: str) -> None:
    assert code_for(label, taken) == code
