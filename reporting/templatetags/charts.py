"""Chart tags: each renders what reporting.pages.charts computed."""

from collections.abc import Sequence
from typing import Any

from django import template

from reporting.pages.charts import Bar, HeatCell, LineChart, ShareRow, Sparkline, sparkline

register = template.Library()


@register.inclusion_tag("components/_line_chart.html")
def line_chart(chart: LineChart) -> dict[str, Any]:
    return {"chart": chart}


@register.inclusion_tag("components/_sparkline.html")
def spark(values: Sequence[float | None] | Sparkline, tone: str = "") -> dict[str, Any]:
    line = values if isinstance(values, Sparkline) else sparkline(values)
    return {"line": line, "tone": tone}


@register.inclusion_tag("components/_funnel.html")
def funnel(bars: Sequence[Bar], caption: str) -> dict[str, Any]:
    return {"bars": bars, "caption": caption}


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
