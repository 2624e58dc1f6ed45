"""Put a selection into words and into the JSON that every decision trace keeps."""

from typing import Any, Final

from handoff.assignment.eligibility import Candidate, Exclusion
from handoff.assignment.engine import Selection

SETTLED_BY: Final = {"balance": "", "wait": " by longest wait", "lot": " by random tie-break"}


def round_robin_text(selection: Selection) -> str:
    """Everyone who was available has a balance after the selection."""
    assert selection.chosen is not None
    assert selection.round_robin is not None
    available = len(selection.round_robin.after)
    return (
        f"Round robin selected {selection.chosen.name}"
        f"{SETTLED_BY[selection.round_robin.settled_by]}: {available} of "
        f"{len(selection.candidates)} in the pool {'was' if available == 1 else 'were'} available."
    )


def candidates_as_json(selection: Selection) -> list[dict[str, Any]]:
    after = selection.round_robin.after if selection.round_robin else {}
    return [
        {
            "user_id": candidate.user_id,
            "name": candidate.name,
            "excluded": exclusion_text(candidate, selection.exclusions.get(candidate.user_id)),
            "balance_before": candidate.balance,
            "balance_after": after.get(candidate.user_id, candidate.balance),
        }
        for candidate in selection.candidates
    ]


def exclusion_text(candidate: Candidate, exclusion: Exclusion | None) -> str:
    if exclusion is Exclusion.AT_CAPACITY:
        return f"{exclusion}: {candidate.open_count} of {candidate.capacity}"
    return exclusion or ""
