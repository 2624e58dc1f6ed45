from functools import cache

from django import template
from django.utils.safestring import SafeString

from core.macros import macro
from leads.stages import FUNNEL, Stage

register = template.Library()


@register.filter
def stage_badge(code: str) -> SafeString:
    """Show the name of a stage, and how far along the funnel it is."""
    stage = Stage(code)
    current = FUNNEL.index(stage) if stage in FUNNEL else None
    reached = [] if current is None else [index <= current for index in range(len(FUNNEL))]
    return macro("components/badges.jinja", "stage_badge")(stage, reached)


@cache
def stage_badges() -> dict[str, SafeString]:
    return {stage.value: stage_badge(stage) for stage in Stage}


@register.filter
def temperature_badge(code: str) -> SafeString:
    return macro("components/badges.jinja", "temperature_badge")(code)
