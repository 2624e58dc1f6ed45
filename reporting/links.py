"""Where a figure leads to: the page of the leads behind it, under the same filters."""

from __future__ import annotations

from django.urls import reverse

from reporting.metrics import Metric
from reporting.scope import Key, Scope


def leads_behind(scope: Scope, metric: Metric, part: str = "numerator", /, **narrow: Key) -> str:
    query = scope.narrowed(**narrow).query(metric=metric.code, part=part)
    return f"{reverse('reporting:leads')}?{query}"


def report_page(name: str, scope: Scope, **more: str) -> str:
    return f"{reverse(f'reporting:{name}')}?{scope.query(**more)}"
