"""List the values that were set aside and wait for someone, grouped by field and value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from core.raw_sql import fetch_rows
from leads.models import EventKind, Repair, Touch
from leads.undone import without_undone

GROUPS_SQL: Final = """
SELECT value.field, value.value, min(value.reason), count(*), max(touch.occurred_at)
FROM leads_touch AS touch
CROSS JOIN LATERAL jsonb_to_recordset(touch.set_aside)
    AS value(field text, value text, reason text)
WHERE NOT (touch.set_aside = '[]'::jsonb) AND NOT EXISTS (
    SELECT FROM leads_repair AS repair
    WHERE repair.touch_id = touch.id AND repair.field = value.field AND repair.value = value.value
) AND NOT EXISTS (
    SELECT FROM leads_leadevent AS event
    WHERE event.lead_id = touch.lead_id AND event.kind = %s
        AND event.payload->'touches' @> to_jsonb(touch.id)
)
GROUP BY value.field, value.value
ORDER BY {order}, count(*) DESC, value.field, value.value
LIMIT %s OFFSET %s
"""
GROUP_ORDERS: Final[Mapping[str, str]] = {
    "touches": "count(*)",
    "value": "lower(value.value)",
    "field": "value.field",
    "latest": "max(touch.occurred_at)",
}


class ValueGroup(NamedTuple):
    """Touches whose value of a field could not be used for the same reason."""

    field: str
    value: str
    reason: str
    touch_count: int
    latest_at: object


def value_groups(
    *, size: int, page: int = 1, order: str = "-touches"
) -> tuple[list[ValueGroup], bool]:
    """Return a page of groups and whether there are more."""
    direction = "DESC" if order.startswith("-") else "ASC"
    sql = GROUPS_SQL.replace("{order}", f"{GROUP_ORDERS[order.removeprefix('-')]} {direction}")
    rows = fetch_rows(sql, [EventKind.IMPORT_UNDONE, size + 1, (page - 1) * size])
    return [ValueGroup(*row) for row in rows[:size]], len(rows) > size


def touches_to_repair(field: str, value: str) -> QuerySet[Touch]:
    """Return the touches whose value waits, without those that were repaired or dismissed."""
    done = Repair.objects.filter(touch=OuterRef("pk"), field=field, value=value)
    touches = without_undone(Touch.objects.exclude(set_aside=[]))
    waiting = touches.filter(set_aside__contains=[{"field": field, "value": value}])
    return waiting.filter(~Exists(done))


def field_label(field: str) -> str:
    return field.replace("_", " ").capitalize()
