"""Name the parameters of an address that a page does not take, so that it ignores none."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from django.http import QueryDict

MAX_SHOWN: Final = 40


def parameter_problems(
    params: QueryDict, known: Collection[str], *, called: str = "filter"
) -> dict[str, str]:
    """Return a sentence for each parameter that is unknown or given twice, by its name."""
    unknown = {name: _unknown(name, known, called) for name in params if name not in known}
    repeated = {
        name: f"“{name}” is given more than once."
        for name in params
        if name in known and len(params.getlist(name)) > 1
    }
    return unknown | repeated


def _unknown(name: str, known: Collection[str], called: str) -> str:
    shown = name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}…"
    text = f"“{shown}” is not a {called} here."
    similar = get_close_matches(name[:MAX_SHOWN], known, n=1)
    return f"{text} Did you mean “{similar[0]}”?" if similar else text
