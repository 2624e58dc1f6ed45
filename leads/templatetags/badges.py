"""Badges of a lead. Few values, many rows: each badge is rendered once and kept."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from leads.stages import FUNNEL, Stage

register = template.Library()


@register.filter
@lru_cache
def stage_badge(code: str) -> SafeString:
    """The stage's name, and how far along the funnel it is."""
    stage = Stage(code)
    reached = FUNNEL.index(stage) if stage in FUNNEL else None
    steps = [] if reached is None else [place <= reached for place in range(len(FUNNEL))]
    return render_to_string("components/_stage.html", {"stage": stage, "steps": steps})


@register.filter
@lru_cache
def temperature_badge(code: str) -> SafeString:
    return render_to_string("components/_temperature.html", {"temperature": code})
