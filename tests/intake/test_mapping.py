from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from intake.imports.mapping import BadMap, ImportKind, parse_map, read_map
from leads.stages import Stage
from people.roles import Role

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_example_maps_load() -> None:
    leads, deals = (read_map(EXAMPLES / f"olist-{name}.toml") for name in ("leads", "deals"))

    assert (leads.kind, leads.as_stage, leads.create_sources) == (
        ImportKind.TOUCHES,
        Stage.MQL,
        True,
    )
    assert leads.columns == ["mql_id", "first_contact_date", "origin", "landing_page_id"]
    assert (deals.kind, deals.to) == (ImportKind.MOVES, Stage.WON)
    assert [(person.column, person.stage, person.is_owner) for person in deals.people] == [
        ("sdr_id", Stage.SQL, False),
        ("sr_id", Stage.WON, True),
    ]


def test_map_without_a_zone_has_the_one_of_the_reports(settings: Settings) -> None:
    settings.REPORTING_TIME_ZONE = "America/New_York"

    import_map = parse_map({"fields": {"email": "mail"}}, default_name="leads")

    assert import_map.zone.key == "America/New_York"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"feilds": {}}, "Unknown key “feilds” in the map. Did you mean “fields”?"),
        ({}, "The map names no column. Add a table [fields]."),
        ({"fields": {"emial": "E"}}, "Unknown field “emial” in the map. Did you mean “email”?"),
        (
            {"fields": {"email": 7}},
            "`fields.email` must be a column name or a list of column names.",
        ),
        ({"fields": "email"}, "`fields` must be a table: [fields]."),
        ({"what": "both"}, "`what` is “both”. It must be one of touches, moves."),
        (
            {"fields": {"email": "E"}, "dates": {"zone": "Mars/North"}},
            "`dates.zone` is “Mars/North”. It must be a time zone such as Europe/Berlin.",
        ),
        (
            {"what": "moves", "fields": {"external_id": "I"}},
            "A map of stage moves requires the fields external_id and occurred_at, and `to` or "
            "the field stage.",
        ),
        (
            {"fields": {"email": "E"}, "people": {"a": {"column": "C", "stage": "sql"}}},
            "[people] requires a map of stage moves: add what = “moves”.",
        ),
        (
            {
                "what": "moves",
                "to": "lost",
                "fields": {"external_id": "I", "occurred_at": "D"},
                "people": {"a": {"column": "C", "stage": "won"}},
            },
            "A stage in [people] must be an open stage, such as sql, or the one of `to`.",
        ),
        (
            {"fields": {"employees": "E"}, "values": {"employees": "x"}},
            "`values.employees` must be a table: [values.employees].",
        ),
        (
            {"fields": {"employees": "E"}, "values": {"employees": {"11-50": [30]}}},
            "`values.employees.11-50` must be text, a number, a date, true or false.",
        ),
        (
            {"fields": {"source": "S"}, "create_sources": "yes"},
            "`create_sources` must be true or false.",
        ),
        (
            {"fields": {"email": "E"}, "dates": {"formats": 5}},
            "`dates.formats` must be text or a list of texts.",
        ),
        (
            {"fields": {"email": "E"}, "dates": {"formats": [1]}},
            "`dates.formats` must be text or a list of texts.",
        ),
        (
            {"fields": {"email": "E"}, "dates": {"formats": ["%d.%m.%Y", "%Y %Y"]}},
            "`dates.formats` has “%Y %Y”, which is not a date format. "
            "Use a format such as %d.%m.%Y, excel or unix.",
        ),
        (
            {"fields": {"email": "E"}, "dates": {"formats": ["%Q"]}},
            "`dates.formats` has “%Q”, which is not a date format. "
            "Use a format such as %d.%m.%Y, excel or unix.",
        ),
    ],
)
def test_invalid_map_is_rejected_with_the_reason(data: dict[str, Any], message: str) -> None:
    with pytest.raises(BadMap) as refusal:
        parse_map(data, default_name="test")

    assert str(refusal.value) == message


@pytest.mark.parametrize("name", ["rep", "seller"])
def test_role_is_accepted_by_its_old_name(name: str) -> None:
    data = {
        "what": "moves",
        "to": "won",
        "fields": {"external_id": "id", "occurred_at": "won"},
        "people": {"closed_by": {"column": "ae", "stage": "won", "role": name}},
    }

    (person,) = parse_map(data, default_name="test").people

    assert person.role is Role.REP


@pytest.mark.parametrize("role", ["boss", ["rep"]])
def test_unknown_role_is_rejected(role: object) -> None:
    data = {
        "what": "moves",
        "to": "won",
        "fields": {"external_id": "id", "occurred_at": "won"},
        "people": {"closed_by": {"column": "ae", "stage": "won", "role": role}},
    }

    with pytest.raises(
        BadMap, match=r"^`people\.closed_by\.role` is “.*”\. It must be one of rep, "
    ):
        parse_map(data, default_name="test")


def test_single_date_format_needs_no_list() -> None:
    data = {"fields": {"email": "E"}, "dates": {"formats": "%d.%m.%Y"}}

    assert parse_map(data, default_name="test").date_formats == ("%d.%m.%Y",)


def test_map_must_be_toml(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text("fields = ")

    with pytest.raises(BadMap, match=r"map\.toml is not TOML: "):
        read_map(path)
