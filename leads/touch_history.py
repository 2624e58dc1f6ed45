"""What a contact did, in words (CTX-06, CTX-11): pure, from touches that are already read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from leads.models import Touch


def summarize(touches: Sequence[Touch]) -> str:
    """The way so far, oldest first: “Content download, then pricing page visit (twice)”."""
    kinds = [touch.get_kind_display() for touch in sorted(touches, key=lambda t: t.occurred_at)]
    steps = [(kind, len(list(group))) for kind, group in groupby(kinds)]
    words = [f"{kind}{how_often(count)}" for kind, count in steps]
    return ", then ".join([*words[:1], *(word[0].lower() + word[1:] for word in words[1:])])


def how_often(count: int) -> str:
    return {1: "", 2: " (twice)"}.get(count, f" ({count} times)")


def topic_of(touch: Touch) -> str:
    """What the touch was about: the offer, else the campaign, else the page."""
    campaign = touch.campaign.name if touch.campaign else ""
    return touch.offer or campaign or touch.landing_page


def describe(touch: Touch) -> str:
    topic = topic_of(touch)
    return f"{touch.get_kind_display()}{f': {topic}' if topic else ''}"


def latest_answers(touches: Sequence[Touch]) -> list[tuple[str, Any]]:
    """What they told us, the newest word on each question: nobody asks it again (CTX-10)."""
    said: dict[str, Any] = {}
    for touch in sorted(touches, key=lambda t: t.occurred_at):
        said.update(touch.answers)
    return [(question_in_words(name), value) for name, value in said.items()]


def question_in_words(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
