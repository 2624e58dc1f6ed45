"""Generated trees and facts for the property tests of the criteria language."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from core.criteria.fields import Field, FieldType
from core.criteria.operators import Operator, Takes, operators_for
from leads.field_catalog import ALL

WORDS = [
    "VP Sales",
    "vp sales",
    "vp",
    "Chief Σίσυφος",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "İzmir",
    "izmir",
    "Straße",
    "STRASSE",
    "100%",
    "a_b",
    "back\\slash",
    "O'Neill “quoted”",
    " ",
]
CODES = ["red", "green", "blue-2026"]
NUMBERS = [0, 1, 2, 3, 49, 50, 500, 40_000, 2_147_483_647]
LIMITS = [*NUMBERS, -1, -40_000, -2_147_483_647]
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOMENTS = [MONDAY + timedelta(hours=hours) for hours in range(0, 100, 7)]


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values that a lead may well have, so that conditions come true now and then."""
    if field.type is FieldType.TEXT:
        return st.sampled_from(WORDS) | st.text(
            st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=5
        )
    if field.type is FieldType.NUMBER:
        return st.sampled_from(LIMITS)
    if field.type is FieldType.BOOLEAN:
        return st.booleans()
    if field.type is FieldType.MOMENT:
        return st.sampled_from(MOMENTS)
    codes = [code for code, _ in field.choices[:5]]
    return st.sampled_from(codes or CODES)


@st.composite
def condition_data(draw: st.DrawFn, fields: Sequence[Field] = ALL) -> dict[str, Any]:
    field = draw(st.sampled_from(fields))
    operator: Operator = draw(st.sampled_from(operators_for(field.type)))
    written = values(field).map(
        lambda value: value.isoformat() if isinstance(value, datetime) else value
    )
    if field.type is FieldType.TEXT:
        written = written.filter(lambda text: bool(text.strip()))
    data: dict[str, Any] = {"field": field.code, "op": operator.code}
    if operator.takes is Takes.ONE:
        data["value"] = draw(written)
    elif operator.takes is Takes.SEVERAL:
        data["value"] = draw(st.lists(written, min_size=1, max_size=3))
    elif operator.takes is Takes.RANGE:
        data["value"] = sorted([draw(written), draw(written)])
    return data


def tree_data(fields: Sequence[Field] = ALL) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        condition_data(fields) | st.just({"all": []}),
        lambda parts: st.one_of(
            st.lists(parts, max_size=3).map(lambda few: {"all": few}),
            st.lists(parts, min_size=1, max_size=3).map(lambda few: {"any": few}),
            parts.map(lambda part: {"not": part}),
        ),
        max_leaves=8,
    )


def facts(fields: Sequence[Field] = ALL) -> st.SearchStrategy[dict[str, Any]]:
    """Each field known, unknown or absent."""
    optional = {
        field.code: values(field)
        | st.none()
        | (st.just("") if field.type in {FieldType.TEXT, FieldType.CHOICE} else st.nothing())
        for field in fields
    }
    return st.fixed_dictionaries({}, optional=optional)
