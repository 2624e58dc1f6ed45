"""Link values that were set aside to the page of their repair."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from core.permissions import Right
from people.models import User

MAY_REPAIR: Final = (Right.EDIT_CONTEXT, Right.EDIT_CONFIGURATION)


def may_repair(user: User) -> bool:
    return any(user.may(right) for right in MAY_REPAIR)


def address_of(field: str, value: str, touch_id: int | None = None) -> str:
    """Return the page of all touches with this value, or of one of them."""
    query = {"field": field, "value": value} | ({"touch": touch_id} if touch_id else {})
    return f"{reverse('workspace:set_aside_value')}?{urlencode(query)}"
