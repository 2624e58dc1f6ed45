"""Where a figure leads to: the page of the leads behind it, under the same filters."""

from __future__ import annotations

from functools import cache

from django.urls import reverse

from reporting.queries.scope import Key, Scope
from reporting.registry.metrics import Metric


def leads_behind(scope: Scope, metric: Metric, part: str = "numerator", /, **narrow: Key) -> str:
    narrowed = scope.narrowed(**narrow) if narrow else scope
    return f"{page_of('leads')}?metric={metric.code}&part={part}&{narrowed.query()}"


def report_page(name: str, scope: Scope, **more: str) -> str:
    return f"{page_of(name)}?{scope.query(**more)}"


@cache
def page_of(name: str) -> str:
    return reverse(f"reporting:{name}")
