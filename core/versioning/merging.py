"""Merge what two editors changed in one draft, value by value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]  # by name, each as JSON has it


@dataclass(frozen=True)
class Merge:
    values: Values
    conflicts: frozenset[str]


def base_values(text: str, stored: Values) -> Values:
    """Return the values with which a page was shown; those it does not name are as stored."""
    try:
        sent = json.loads(text)
    except ValueError:
        return stored
    return {**stored, **sent} if isinstance(sent, dict) else stored


def merge(base: Values, current: Values, mine: Values) -> Merge:
    """Add my changes since `base` to the current values, but for conflicts."""
    wanted = {
        name: value
        for name, value in mine.items()
        if name in current and value not in (base.get(name), current[name])
    }
    conflicts = frozenset(name for name in wanted if current[name] != base.get(name))
    changes = {name: value for name, value in wanted.items() if name not in conflicts}
    return Merge({**current, **changes}, conflicts)
