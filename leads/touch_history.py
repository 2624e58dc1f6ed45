"""Summarize the touches of a contact."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from leads.models import Touch


def summarize(touches: Sequence[Touch]) -> str:
    """Return the touches, oldest first: “Content download, then pricing page visit (twice)”."""
    kinds = [
        touch.get_kind_display() for touch in sorted(counted(touches), key=lambda t: t.occurred_at)
    ]
    steps = [(kind, len(list(group))) for kind, group in groupby(kinds)]
    words = [f"{kind}{how_often(count)}" for kind, count in steps]
    return ", then ".join([*words[:1], *(word[0].lower() + word[1:] for word in words[1:])])


def counted(touches: Sequence[Touch]) -> list[Touch]:
    return [touch for touch in touches if not touch.is_repeat and not is_taken_back(touch)]


def is_taken_back(touch: Touch) -> bool:
    """Return whether the import of a touch was taken back; the caller annotated `is_undone`."""
    return bool(getattr(touch, "is_undone", False))


def how_often(count: int) -> str:
    return {1: "", 2: " (twice)"}.get(count, f" ({count} times)")


def topic_of(touch: Touch) -> str:
    """Return the offer, else the campaign, else the landing page."""
    campaign = touch.campaign.name if touch.campaign else ""
    return touch.offer or campaign or touch.landing_page


def describe(touch: Touch) -> str:
    topic = topic_of(touch)
    return f"{touch.get_kind_display()}{f': {topic}' if topic else ''}"


def latest_answers(touches: Sequence[Touch]) -> list[tuple[str, Any]]:
    """Return the latest answer to each form question, so that the rep need not ask again."""
    answers: dict[str, Any] = {}
    for touch in sorted(touches, key=lambda t: t.occurred_at):
        answers.update({} if is_taken_back(touch) else touch.answers)
    return [(question_in_words(name), value) for name, value in answers.items()]


def question_in_words(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
