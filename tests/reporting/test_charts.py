import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formatting import Formats, NumberStyle, shown_in
from reporting.pages.charts import (
    BOX,
    HeatCell,
    Part,
    Series,
    Tick,
    funnel,
    heat_level,
    line_chart,
    share_row,
    sparkline,
    spread,
    ticks,
    value_text,
)

COUNTS = st.integers(min_value=0, max_value=10_000_000)
HEIGHTS = st.floats(min_value=0, max_value=1e9, allow_nan=False)


@pytest.mark.parametrize(
    ("highest", "scale"),
    [
        (0, [0, 1]),
        (0.7, [0, 0.2, 0.4, 0.6, 0.8]),
        (4, [0, 1, 2, 3, 4]),
        (57, [0, 20, 40, 60]),
        (60, [0, 20, 40, 60]),
        (61, [0, 20, 40, 60, 80]),
        (1240, [0, 500, 1000, 1500]),
    ],
)
def test_axis_has_few_round_steps_up_to_the_highest_value(
    highest: float, scale: list[float]
) -> None:
    assert ticks(highest) == scale


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_axis_reaches_any_value_in_at_most_six_steps(highest: float) -> None:
    scale = ticks(highest)

    assert scale[0] == 0
    assert scale[-1] >= highest * (1 - 1e-6)
    assert 2 <= len(scale) <= 6


def test_texts_follow_the_reader_and_positions_do_not() -> None:
    weeks, values = ["W1", "W2", "W3"], [0.0, 1000.5, 2400.0]

    with shown_in(Formats(numbers=NumberStyle.POINT)):
        chart = line_chart(labels=weeks, series=[Series("Leads", values)])

    assert [tick.label for tick in chart.y_ticks] == ["0", "1.000", "2.000", "3.000"]
    assert [row[1] for row in chart.table_rows] == ["0", "1.000,5", "2.400"]
    assert chart.lines[0].path == "M0 1000 L500 666.5 L1000 200"


def test_line_spans_the_plot_from_edge_to_edge() -> None:
    chart = line_chart(labels=["Mon", "Tue", "Wed"], series=[Series("Leads", [0, 20, 40], True)])

    [line] = chart.lines
    assert line.path == "M0 1000 L500 500 L1000 0"
    assert line.area == "M0 1000 L0 1000 L500 500 L1000 0 L1000 1000 Z"
    assert line.end == (1000, 0)
    assert chart.grid == [1000, 750, 500, 250, 0]
    assert chart.y_ticks[0] == Tick(100, "0")
    assert chart.y_ticks[-1] == Tick(0, "40")


def test_missing_value_is_a_gap_in_the_line() -> None:
    chart = line_chart(labels=["Mon", "Tue", "Wed"], series=[Series("Leads", [4, None, 2])])

    assert chart.lines[0].path == "M0 0 M1000 500"
    assert chart.table_rows == [["Mon", "4"], ["Tue", "–"], ["Wed", "2"]]
    assert [point.values[0].y for point in chart.points] == [0, None, 500]


def test_target_above_every_value_is_inside_the_plot() -> None:
    chart = line_chart(labels=["Mon"], series=[Series("Minutes", [10])], target=40)

    assert chart.target == 0
    assert chart.lines[0].path == "M500 750"


def test_every_point_says_its_values_in_words() -> None:
    chart = line_chart(
        labels=["Mon", "Tue", "Wed"],
        series=[
            Series("Median", [5, 7, None]),
            Series("Within SLA", [10, 20, 30.5], notes=["1 of 10", "2 of 10", "3 of 10"]),
        ],
        mature=2,
        young_label="Not over yet",
    )

    assert [point.spoken for point in chart.points] == [
        "Mon: Median 5, Within SLA 10 (1 of 10).",
        "Tue: Median 7, Within SLA 20 (2 of 10).",
        "Wed: Median –, Within SLA 30.5 (3 of 10). Not over yet.",
    ]
    assert [point.is_late for point in chart.points] == [False, False, True]
    assert [point.is_middle for point in chart.points] == [False, True, False]
    assert chart.table_head == ["", "Median", "Within SLA"]


@given(st.lists(HEIGHTS, min_size=1, max_size=60))
def test_points_stay_inside_the_box(values: list[float]) -> None:
    chart = line_chart(labels=[str(i) for i in range(len(values))], series=[Series("", values)])

    heights = [value.y for point in chart.points for value in point.values]
    assert len(heights) == len(values)
    assert all(y is not None and 0 <= y <= BOX for y in heights)


def test_axis_shows_at_most_eight_labels() -> None:
    labels = [str(day) for day in range(1, 31)]

    chart = line_chart(labels=labels, series=[Series("Leads", range(30))])

    assert [tick.label for tick in chart.x_ticks] == ["1", "5", "9", "13", "17", "21", "25", "29"]
    assert [tick.is_minor for tick in chart.x_ticks[:3]] == [False, True, False]


def test_empty_chart_has_a_summary() -> None:
    chart = line_chart(labels=[], series=[Series("Leads", [])])

    assert chart.summary == "No data."
    assert chart.lines[0].path == ""
    assert chart.lines[0].end is None


def test_summary_names_first_and_last_values() -> None:
    chart = line_chart(labels=["Mon", "Tue"], series=[Series("Median", [16, 9])], unit=" min")

    assert chart.summary == "Mon to Tue: Median from 16 min to 9 min."


def test_single_point_is_in_the_middle() -> None:
    assert spread(1) == [500]


def test_sparkline_is_scaled_to_its_values() -> None:
    assert (
        sparkline([100, 101, 102]).path == sparkline([1, 2, 3]).path == "M0 900 L500 500 L1000 100"
    )


def test_flat_sparkline_is_in_the_middle() -> None:
    assert sparkline([3, 3]).path == "M0 500 L1000 500"


def test_sparkline_without_values_is_empty() -> None:
    assert sparkline([]).path == sparkline([None]).path == ""


def test_funnel_bars_are_relative_to_the_longest() -> None:
    bars = funnel([("New", 1240, ""), ("MQL", 968, "/leads/?stage=mql"), ("Won", 0, "")])

    assert [bar.width for bar in bars] == [100, 78.06, 0]
    assert [bar.of for bar in bars] == [None, 1240, 968]
    assert bars[1].href == "/leads/?stage=mql"


def test_empty_funnel_has_bars_of_no_width() -> None:
    assert [bar.width for bar in funnel([("New", 0, ""), ("MQL", 0, "")])] == [0, 0]


def test_shares_show_their_percentage_where_it_fits() -> None:
    row = share_row("SMB", [Part("quick", 62), Part("slow", 33), Part("late", 5, "/late/")])

    assert [segment.left for segment in row.segments] == [0, 62, 95]
    assert [segment.width for segment in row.segments] == [62, 33, 5]
    assert [segment.text for segment in row.segments] == ["62", "33", ""]
    assert [segment.note for segment in row.segments] == [
        "62 of 100, 62%",
        "33 of 100, 33%",
        "5 of 100, 5%",
    ]
    assert [segment.href for segment in row.segments] == ["", "", "/late/"]
    assert row.segments[1].middle == 78.5
    assert row.total == 100


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_shares_fill_the_bar_unless_all_are_zero(parts: list[int]) -> None:
    row = share_row("", [Part("", count) for count in parts])

    whole = sum(segment.width for segment in row.segments)
    assert whole == (pytest.approx(100, abs=0.01) if sum(parts) else 0)


@pytest.mark.parametrize(
    ("value", "level"), [(0, 0), (0.1, 1), (1, 1), (12, 2), (50, 5), (99, 9), (100, 9), (120, 9)]
)
def test_heat_level_is_zero_only_for_zero(value: float, level: int) -> None:
    assert heat_level(value, 100) == level


def test_heat_level_of_an_empty_table_is_zero() -> None:
    assert heat_level(0, 0) == 0
    assert HeatCell("", None).level is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0 min"), (7.0, "7 min"), (7.25, "7.2 min"), (12345, "12,345 min")],
)
def test_values_are_shown_with_their_unit(value: float | None, text: str) -> None:
    assert value_text(value, " min") == text
