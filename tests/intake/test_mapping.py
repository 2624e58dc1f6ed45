from pathlib import Path
from typing import Any

import pytest

from intake.imports.mapping import BadMap, What, map_from, read_map
from leads.stages import Stage

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_the_examples_are_readable() -> None:
    leads, deals = (read_map(EXAMPLES / f"olist-{name}.toml") for name in ("leads", "deals"))

    assert (leads.what, leads.as_stage, leads.create_sources) == (What.TOUCHES, Stage.MQL, True)
    assert leads.columns == ["mql_id", "first_contact_date", "origin", "landing_page_id"]
    assert (deals.what, deals.to) == (What.MOVES, Stage.WON)
    assert [(each.column, each.stage, each.is_owner) for each in deals.people] == [
        ("sdr_id", Stage.SQL, False),
        ("sr_id", Stage.WON, True),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"feilds": {}}, "Unknown key “feilds” in the map. Did you mean “fields”?"),
        ({}, "The map names no column; add a table [fields]."),
        ({"fields": {"emial": "E"}}, "Unknown field “emial” in the map. Did you mean “email”?"),
        ({"fields": {"email": 7}}, "`fields.email` must be a column's name, or a list of them."),
        ({"fields": "email"}, "`fields` must be a table: [fields]."),
        ({"what": "both"}, "`what` is “both”; it must be one of touches, moves."),
        (
            {"fields": {"email": "E"}, "dates": {"zone": "Mars/North"}},
            "`dates.zone` is “Mars/North”; it must be one such as Europe/Berlin.",
        ),
        (
            {"what": "moves", "fields": {"external_id": "I"}},
            "A map of moves says `to`, and has the fields external_id and occurred_at.",
        ),
        (
            {"fields": {"email": "E"}, "people": {"a": {"column": "C", "stage": "sql"}}},
            "[people] belongs to a map of moves (what = “moves”).",
        ),
        (
            {
                "what": "moves",
                "to": "lost",
                "fields": {"external_id": "I", "occurred_at": "D"},
                "people": {"a": {"column": "C", "stage": "won"}},
            },
            "A stage of [people] is one on the way, such as sql, or that of `to`.",
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
            "`dates.formats` must be text, or a list of texts.",
        ),
        (
            {"fields": {"email": "E"}, "dates": {"formats": [1]}},
            "`dates.formats` must be text, or a list of texts.",
        ),
        (
            {"fields": {"email": "E"}, "dates": {"formats": ["%d.%m.%Y", "%Y %Y"]}},
            "`dates.formats` has “%Y %Y”, which reads no date; one such as %d.%m.%Y does.",
        ),
        (
            {"fields": {"email": "E"}, "dates": {"formats": ["%Q"]}},
            "`dates.formats` has “%Q”, which reads no date; one such as %d.%m.%Y does.",
        ),
    ],
)
def test_a_map_with_a_fault_says_which(data: dict[str, Any], message: str) -> None:
    with pytest.raises(BadMap) as refusal:
        map_from(data, default_name="test")

    assert str(refusal.value) == message


def test_a_single_format_needs_no_list() -> None:
    data = {"fields": {"email": "E"}, "dates": {"formats": "%d.%m.%Y"}}

    assert map_from(data, default_name="test").date_formats == ("%d.%m.%Y",)


def test_a_map_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text("fields = ")

    with pytest.raises(BadMap, match=r"map\.toml is not TOML: "):
        read_map(path)
