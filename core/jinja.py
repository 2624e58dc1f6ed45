"""The Jinja2 environment: pages and lists of many parts, for which Django's engine is slow."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.defaultfilters import linebreaksbr
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.module_loading import import_string
from jinja2 import Environment, StrictUndefined

from core.formatting import amount_text, count_text, count_up_to_text, duration_text, percent_text
from core.jinja_output import OutputEnvironment
from core.macros import icon
from core.templatetags.countdowns import Countdown
from core.templatetags.formatting import clock_time, day, local_minute, moment, rate
from core.templatetags.frame import initials


def environment(
    *, filters: Mapping[str, str], functions: Mapping[str, str], **options: Any
) -> Environment:
    """Return the environment; `filters` and `functions` of apps are dotted paths by name."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    # Django turns escaping on.
    env = OutputEnvironment(**options)
    env.globals |= {
        # Addresses do not change while a process runs, and a page has twenty of them.
        "static": cache(static),
        "url": cache(reverse),
        "url_pattern": url_pattern,
        "icon": icon,
        "count_text": count_text,
        "percent_text": percent_text,
        "rate": rate,
    }
    env.filters |= {
        "amount": amount_text,
        "clock_time": clock_time,
        "count_up_to": count_up_to_text,
        "countdown_to": Countdown.of,
        "day": day,
        "duration": duration_text,
        "initials": initials,
        "linebreaksbr": linebreaksbr,
        "local_minute": local_minute,
        "moment": moment,
    }
    env.globals |= {name: import_string(path) for name, path in functions.items()}
    env.filters |= {name: import_string(path) for name, path in filters.items()}
    return env


@cache
def url_pattern(view_name: str) -> str:
    """Return the address with %d for its id: fifty reverses cost as much as fifty rows."""
    return reverse(view_name, args=[0]).replace("/0/", "/%d/")


def one_csrf_token(request: HttpRequest) -> dict[str, Any]:
    """Mask the token once for all forms of a page, where Django does so for each."""
    token = SimpleLazyObject(lambda: get_token(request))
    field = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    return {
        "csrf_token": token,
        "csrf_input": SimpleLazyObject(lambda: format_html(field, token)),
    }
