"""The Jinja2 environment: the lists of many rows, and the small parts in them."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from jinja2 import Environment, StrictUndefined

from core.formatting import duration_text
from core.templatetags.countdowns import Countdown
from core.templatetags.formatting import moment
from core.templatetags.frame import initials
from leads.stages import Stage
from leads.templatetags.badges import stage_badge
from leads.templatetags.companies import company_name


def environment(**options: Any) -> Environment:
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**options)  # noqa: S701  (Django turns escaping on)
    env.globals |= {
        # Addresses do not change while a process runs, and a page has twenty of them.
        "static": cache(static),
        "stage_badges": stage_badges,
        "url": cache(reverse),
        "url_pattern": url_pattern,
    }
    env.filters |= {
        "company_name": company_name,
        "countdown_to": Countdown.of,
        "duration": duration_text,
        "initials": initials,
        "moment": moment,
    }
    return env


@cache
def stage_badges() -> dict[str, SafeString]:
    return {stage.value: stage_badge(stage) for stage in Stage}


@cache
def url_pattern(view_name: str) -> str:
    """Return the address with %d for its id: fifty reverses cost as much as fifty rows."""
    return reverse(view_name, args=[0]).replace("/0/", "/%d/")
