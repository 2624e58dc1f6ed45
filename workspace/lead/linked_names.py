"""Find the people and things that the words of an event name, and where their pages are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from handoff.models import RoutingDecision
from leads.models import Touch


def linked(text: str, hrefs: Mapping[str, str]) -> SafeString:
    """Escape a text, and link each of these names in it."""
    names = sorted(filter(None, hrefs), key=len, reverse=True)
    if not names:
        return conditional_escape(text)
    pieces = re.split(rf"(?<!\w)({'|'.join(map(re.escape, names))})(?!\w)", text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{}" dir="auto">{}</a>', hrefs[piece], piece),)
            if place % 2
            else (piece,)
            for place, piece in enumerate(pieces)
        ),
    )


def person_href(user_id: int) -> str:
    return reverse("workspace:person", args=[user_id])


def queue_href(team_id: int) -> str:
    return f"{reverse('workspace:leads')}?queue={team_id}"


def campaign_hrefs(touch: Touch) -> dict[str, str]:
    campaign = touch.campaign
    return {campaign.name: reverse("workspace:campaign", args=[campaign.pk])} if campaign else {}


def rule_hrefs(decision: RoutingDecision) -> dict[str, str]:
    """Return the rule that decided, in the quotes in which its name is shown."""
    rules = {rule["id"]: rule["name"] for rule in decision.trace.get("rules", ())}
    name = rules.get(decision.rule_id)
    if name is None:
        return {}
    return {f"“{name}”": reverse("admin:handoff_routingrule_change", args=[decision.rule_id])}
