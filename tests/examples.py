"""Set the number of examples of a property."""

from typing import Any

from hypothesis import settings


def examples(number: int, **more: Any) -> settings:
    """Return settings for `number` examples in a full run, and a share of them in a fast one."""
    share = settings.default.max_examples / 100 if settings.default else 1
    return settings(max_examples=max(1, round(number * share)), **more)
