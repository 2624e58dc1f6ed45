"""Charts on a page: each tag takes what reporting.pages.charts made and draws it."""

from collections.abc import Sequence
from html import escape
from typing import Any

from django import template
from django.utils.safestring import mark_safe

from core.templatetags.formatting import count, percent
from reporting.pages.charts import (
    BOX,
    Bar,
    HeatCell,
    LineChart,
    ShareRow,
    Sparkline,
    Strip,
    sparkline,
)

register = template.Library()


@register.inclusion_tag("components/_line_chart.html")
def line_chart(chart: LineChart) -> dict[str, Any]:
    return {
        "chart": chart,
        "strips": mark_safe("".join(map(_strip, chart.strips))),  # noqa: S308  (parts are escaped)
        "table_rows": mark_safe("".join(map(_table_row, chart.table_rows))),  # noqa: S308  (parts are escaped)
    }


# A month of days has hundreds of marks and cells: drawn by the template engine, they alone would
# take as long as the rest of the page. So would the bars of a funnel.
def _strip(strip: Strip) -> str:
    points = "".join(
        f'<path class="series-{number}" d="M{x:g} {y:g}h0"/>' for number, (x, y) in strip.points
    )
    return (
        f'<g class="strip"><title>{escape(strip.title)}</title>'
        f'<rect x="{strip.left:g}" width="{strip.width:g}" height="{BOX}"/>'
        f'<line x1="{strip.middle:g}" x2="{strip.middle:g}" y2="{BOX}"/>{points}</g>'
    )


def _table_row(row: Sequence[str]) -> str:
    cells = "".join(f'<td class="number">{escape(cell)}</td>' for cell in row[1:])
    return f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'


@register.inclusion_tag("components/_sparkline.html")
def spark(values: Sequence[float | None] | Sparkline, tone: str = "") -> dict[str, Any]:
    line = values if isinstance(values, Sparkline) else sparkline(values)
    return {"line": line, "tone": tone}


@register.inclusion_tag("components/_funnel.html")
def funnel(bars: Sequence[Bar], caption: str) -> dict[str, Any]:
    return {"rows": mark_safe("".join(map(_bar, bars))), "caption": caption}  # noqa: S308  (parts are escaped)


def _bar(bar: Bar) -> str:
    label = escape(bar.label)
    if bar.href:
        label = f'<a href="{escape(bar.href)}">{label}</a>'
    share = "" if bar.of is None else percent(bar.count, bar.of)
    return (
        f'<tr><th scope="row">{label}</th><td><svg class="bar-svg" aria-hidden="true">'
        '<rect class="bar-track" width="100%" height="100%" rx="4"/>'
        f'<rect class="bar-fill" width="{bar.width}%" height="100%" rx="4"/></svg></td>'
        f'<td class="number"><strong>{count(bar.count)}</strong></td>'
        f'<td class="number soft">{share}</td></tr>'
    )


@register.inclusion_tag("components/_shares.html")
def shares(rows: Sequence[ShareRow], names: Sequence[str], caption: str) -> dict[str, Any]:
    return {"rows": rows, "names": names, "caption": caption}


@register.inclusion_tag("components/_heat_map.html")
def heat_map(
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[HeatCell]]],
    caption: str,
    corner: str = "",
) -> dict[str, Any]:
    return {"columns": columns, "rows": rows, "caption": caption, "corner": corner}
