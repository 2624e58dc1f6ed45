from django.template import Context, Template

from reporting.pages.charts import HeatCell, Series, funnel, line_chart, share_row


def drawn(source: str, **context: object) -> str:
    return Template("{% load charts %}" + source).render(Context(context))


def test_line_chart_has_a_table_and_a_summary() -> None:
    chart = line_chart(labels=["Mon", "Tue"], series=[Series("Median", [16, 9])], unit=" min")

    html = drawn("{% line_chart chart %}", chart=chart)

    assert 'role="img" aria-label="Mon to Tue: Median from 16 min to 9 min."' in html
    assert '<tr><th scope="row">Tue</th><td class="number">9 min</td></tr>' in html
    assert "<title>Tue\nMedian: 9 min</title>" in html
    assert 'd="M1000.0 550.0h0"' in html


def test_charts_escape_names() -> None:
    evil = "<script>alert(1)</script>"
    charts = [
        drawn("{% line_chart c %}", c=line_chart(labels=[evil], series=[Series(evil, [1])])),
        drawn("{% funnel c evil %}", c=funnel([(evil, 1, evil)]), evil=evil),
        drawn(
            "{% shares c names evil %}", c=[share_row(evil, [1], [evil])], names=[evil], evil=evil
        ),
        drawn(
            "{% heat_map c rows evil evil %}", c=[evil], rows=[(evil, [HeatCell(evil, 1, evil)])]
        ),
    ]

    assert all("&lt;script&gt;" in html for html in charts)
    assert not any("<script" in html for html in charts)


def test_charts_have_no_inline_styles() -> None:
    html = drawn(
        "{% line_chart l %}{% spark t %}{% funnel f 'Funnel' %}{% shares s n 'Shares' %}",
        l=line_chart(labels=["Mon", "Tue"], series=[Series("Leads", [1, 2], True)], target=3),
        t=[1, 2, 3],
        f=funnel([("New", 12, "/leads/")]),
        s=[share_row("SMB", [3, 1], ["quick", "late"])],
        n=["quick", "late"],
    )

    assert "style=" not in html


def test_shares_name_every_part_for_screen_readers() -> None:
    html = drawn(
        "{% shares rows names 'Speed' %}",
        rows=[share_row("SMB", [3, 0, 1], ["quick", "slow", "late"])],
        names=["quick", "slow", "late"],
    )

    assert 'aria-label="quick: 3, slow: 0, late: 1"' in html
    assert html.count("<rect x=") == 2


def test_heat_map_distinguishes_no_data_from_zero() -> None:
    cells = [
        HeatCell("", None),
        HeatCell("0", 0),
        HeatCell("7", 9),
        HeatCell("2", 3, is_recent=True),
    ]

    html = drawn(
        "{% heat_map c rows 'Cohorts' %}", c=["a", "b", "c", "d"], rows=[("Week 1", cells)]
    )

    grounds = ["heat-none", "h0", "h9", "heat-young"]
    assert [f'class="heat {ground}"' in html for ground in grounds] == [True] * 4
