from core.macros import macro
from reporting.pages.charts import (
    Bar,
    HeatCell,
    Series,
    funnel,
    line_chart,
    share_row,
    sparkline,
)


def drawn(name: str, *values: object) -> str:
    return macro("components/charts.jinja", name)(*values)


def test_line_chart_has_a_table_and_a_summary() -> None:
    chart = line_chart(labels=["Mon", "Tue"], series=[Series("Median", [16, 9])], unit=" min")

    html = drawn("line_chart", chart)

    assert 'role="img" aria-label="Mon to Tue: Median from 16 min to 9 min."' in html
    assert '<tr><th scope="row">Tue</th><td class="number">9 min</td></tr>' in html
    assert "<title>Tue\nMedian: 9 min</title>" in html
    assert 'd="M1000.0 550.0h0"' in html


def test_charts_escape_names() -> None:
    evil = "<script>alert(1)</script>"
    charts = [
        drawn("line_chart", line_chart(labels=[evil], series=[Series(evil, [1])])),
        drawn("funnel", [Bar(evil, 1, 100, None, evil)], evil),
        drawn("shares", [share_row(evil, [1], [evil])], [evil], evil),
        drawn("heat_map", [evil], [(evil, [HeatCell(evil, 1, evil)])], evil, evil),
    ]

    assert all("&lt;script&gt;" in html for html in charts)
    assert not any("<script" in html for html in charts)


def test_charts_have_no_inline_styles() -> None:
    series = [Series("Leads", [1, 2], True)]
    charts = [
        drawn("line_chart", line_chart(labels=["Mon", "Tue"], series=series, target=3)),
        drawn("sparkline", sparkline([1, 2, 3])),
        drawn("funnel", funnel([("New", 12, "/leads/")]), "Funnel"),
        drawn("shares", [share_row("SMB", [3, 1], ["quick", "late"])], ["quick", "late"], "Shares"),
    ]

    assert not any("style=" in html for html in charts)


def test_shares_name_every_part_for_screen_readers() -> None:
    names = ["quick", "slow", "late"]

    html = drawn("shares", [share_row("SMB", [3, 0, 1], names)], names, "Speed")

    assert 'aria-label="quick: 3, slow: 0, late: 1"' in html
    assert html.count("<rect x=") == 2


def test_heat_map_distinguishes_no_data_from_zero() -> None:
    cells = [
        HeatCell("", None),
        HeatCell("0", 0),
        HeatCell("7", 9),
        HeatCell("2", 3, is_recent=True),
    ]

    html = drawn("heat_map", ["a", "b", "c", "d"], [("Week 1", cells)], "Cohorts")

    grounds = ["heat-none", "h0", "h9", "heat-young"]
    assert [f'class="heat {ground}"' in html for ground in grounds] == [True] * 4
