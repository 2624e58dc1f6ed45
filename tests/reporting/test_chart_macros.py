from django.http import HttpResponse

from core.macros import macro
from reporting.pages.charts import (
    Bar,
    HeatCell,
    HeatMap,
    HeatRow,
    Part,
    Series,
    funnel,
    line_chart,
    share_row,
    sparkline,
)
from tests.pages import Page, inline_code_of


def drawn(name: str, *values: object) -> Page:
    return Page(HttpResponse(macro("components/charts.jinja", name)(*values)))


def test_line_chart_has_a_table_a_summary_and_one_tab_stop() -> None:
    chart = line_chart(labels=["Mon", "Tue"], series=[Series("Median", [16, 9])], unit=" min")

    drawing = drawn("line_chart", chart)

    assert drawing.values(".line-chart", "aria-label") == [
        "Mon to Tue: Median from 16 min to 9 min."
    ]
    assert drawing.values("[data-point]", "aria-label") == [
        "Mon: Median 16 min.",
        "Tue: Median 9 min.",
    ]
    assert drawing.values("[data-point]", "tabindex") == ["0", "-1"]
    assert drawing.texts("tbody tr:last-child > *") == ["Tue", "9 min"]
    assert drawing.texts(".chart-tip li") == ["Median16 min", "Median9 min"]
    assert drawing.values(".line-end", "d") == ["M1000.0 550.0h0"]


def test_charts_escape_names() -> None:
    evil = "<script>alert(1)</script>"
    charts = [
        drawn("line_chart", line_chart(labels=[evil], series=[Series(evil, [1])])),
        drawn("funnel", [Bar(evil, 1, 100, None, evil)], evil),
        drawn("shares", [share_row(evil, [Part(evil, 1, evil)])], [evil], evil),
        drawn(
            "heat_map",
            HeatMap(evil, [evil], [HeatRow(evil, [HeatCell(evil, 1, evil)], evil)], evil),
            evil,
        ),
    ]

    assert all(evil in chart.text() for chart in charts)
    assert not any(chart.has("script") for chart in charts)


def test_charts_have_no_inline_styles() -> None:
    series = [Series("Leads", [1, 2], True)]
    parts = [Part("quick", 3), Part("late", 1)]
    charts = [
        drawn("line_chart", line_chart(labels=["Mon", "Tue"], series=series, target=3)),
        drawn("sparkline", sparkline([1, 2, 3])),
        drawn("funnel", funnel([("New", 12, "/leads/")]), "Funnel"),
        drawn("shares", [share_row("SMB", parts)], ["quick", "late"], "Shares"),
    ]

    assert [inline_code_of(chart) for chart in charts] == [[]] * 4


def test_shares_say_every_part_and_have_one_tab_stop() -> None:
    names = ["quick", "slow", "late"]
    rows = [
        share_row(label, list(map(Part, names, counts)))
        for label, counts in [("SMB", [3, 0, 1]), ("Partners", [0, 2, 0])]
    ]

    drawing = drawn("shares", rows, names, "Speed")

    assert drawing.values("[role=group]", "aria-label") == ["SMB", "Partners"]
    assert drawing.values("[data-point]", "aria-label") == [
        "quick: 3 of 4, 75%",
        "late: 1 of 4, 25%",
        "slow: 2 of 2, 100%",
    ]
    assert drawing.values("[data-point]", "tabindex") == ["0", "-1", "-1"]
    assert drawing.texts(".chart-tip") == [
        "quick 3 of 4, 75%",
        "late 1 of 4, 25%",
        "slow 2 of 2, 100%",
    ]


def test_heat_map_distinguishes_no_data_from_zero() -> None:
    cells = [
        HeatCell("", None),
        HeatCell("0", 0),
        HeatCell("7", 9),
        HeatCell("2", 3, is_recent=True),
    ]

    drawing = drawn(
        "heat_map", HeatMap("", ["a", "b", "c", "d"], [HeatRow("Week 1", cells)], "7"), "Cohorts"
    )

    assert drawing.values("td", "class") == [
        "heat heat-none",
        "heat h0",
        "heat h9",
        "heat heat-young",
    ]
