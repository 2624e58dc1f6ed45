"""What a report page has hundreds of: it writes itself out, a template for each would cost more
than all else on the page.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from reporting.pages.components import Cell, TableRow
from reporting.pages.context import Choice, Filter
from reporting.queries.reports import REPORTS

register = template.Library()


@register.simple_tag
def figures_rows(rows: Iterable[TableRow]) -> SafeString:
    return mark_safe("".join(map(figures_row, rows)))  # noqa: S308  (parts are escaped)


@register.simple_tag
def figures_row(row: TableRow) -> SafeString:
    cells = "".join(map(_figure_cell, row.cells))
    return mark_safe(f'<tr><th scope="row">{escape(row.label)}</th>{cells}</tr>')  # noqa: S308  (parts are escaped)


def _figure_cell(cell: Cell) -> str:
    soft = f' <span class="rate-of">{escape(cell.soft)}</span>' if cell.soft else ""
    link = f'<a href="{escape(cell.href)}">{escape(cell.text)}</a>'
    return f'<td class="number"><span class="rate">{link}{soft}</span></td>'


@register.simple_tag
def filter_fields(filters: Iterable[Filter]) -> SafeString:
    return mark_safe("".join(map(_filter_field, filters)))  # noqa: S308  (parts are escaped)


def _filter_field(one: Filter) -> str:
    key = f"filter-{one.name}"
    options = "".join(map(_option, one.choices))
    return (
        f'<div class="field"><label for="{key}">{escape(one.label)}</label>'
        f'<select id="{key}" name="{one.name}">{options}</select></div>'
    )


def _option(choice: Choice) -> str:
    chosen = " selected" if choice.is_chosen else ""
    return f'<option value="{escape(choice.value)}"{chosen}>{escape(choice.label)}</option>'


@register.simple_tag
def metric_versions(versions: Iterable[tuple[str, int]]) -> SafeString:
    return format_html_join("", "<span>{} v{}</span>", versions)


@register.simple_tag
@lru_cache
def definitions(report: str) -> SafeString:
    """What the metrics of a report mean: the same until the product is another one."""
    return render_to_string("reporting/_definitions.html", {"metrics": REPORTS[report].metrics})
