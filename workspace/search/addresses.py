"""Addresses of hits: a page of its own, or the leads list filtered by it."""

from functools import cache
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from core.jinja import url_pattern


def page_or_leads(view_name: str, pk: int, **filters: str) -> str:
    if pattern := pattern_of(view_name):
        return pattern % pk
    return f"{reverse('workspace:leads')}?{urlencode(filters)}"


@cache
def pattern_of(view_name: str) -> str:
    try:
        return url_pattern(view_name)
    except NoReverseMatch:
        return ""
