"""Merge the changes of two editors of the same row, part by part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]  # by the name of a part, as JSON can store them


@dataclass(frozen=True)
class Merge:
    """The merged values; `theirs` are parts that only the other editor changed."""

    values: Values
    conflicts: frozenset[str]
    theirs: frozenset[str]


def sent_base(text: str) -> Values | None:
    """Return the values with which a page was shown, as it sends them back; None if it does not."""
    try:
        sent = json.loads(text)
    except ValueError:
        return None
    return sent if isinstance(sent, dict) else None


def base_values(text: str, stored: Values) -> Values:
    """Return the values with which a page was shown; those it does not name are as stored."""
    return {**stored, **(sent_base(text) or {})}


def merge(base: Values, current: Values, mine: Values) -> Merge:
    """Add my changes since `base` to the current values, but for conflicts."""
    wanted = {
        name: value
        for name, value in mine.items()
        if name in current and value not in (base.get(name), current[name])
    }
    theirs = {name for name in current if name in base and current[name] != base[name]}
    conflicts = theirs & wanted.keys()
    changes = {name: value for name, value in wanted.items() if name not in conflicts}
    unseen = {name for name in theirs - conflicts if mine.get(name) != current[name]}
    return Merge({**current, **changes}, frozenset(conflicts), frozenset(unseen))
