"""What a report page has hundreds of: it writes itself out, a template for each would cost more
than all else on the page.
"""

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from reporting.filters import Choice
from reporting.pages.parts import Cell, TableRow

register = template.Library()


@register.simple_tag
def figures_rows(rows: Iterable[TableRow]) -> SafeString:
    return mark_safe("".join(map(figures_row, rows)))


@register.simple_tag
def figures_row(row: TableRow) -> SafeString:
    cells = "".join(map(_figure_cell, row.cells))
    return mark_safe(f'<tr><th scope="row">{escape(row.label)}</th>{cells}</tr>')


def _figure_cell(cell: Cell) -> str:
    soft = f' <span class="rate-of">{escape(cell.soft)}</span>' if cell.soft else ""
    link = f'<a href="{escape(cell.href)}">{escape(cell.text)}</a>'
    return f'<td class="number"><span class="rate">{link}{soft}</span></td>'


@register.simple_tag
def options(choices: Iterable[Choice]) -> SafeString:
    return mark_safe("".join(map(_option, choices)))


def _option(choice: Choice) -> str:
    chosen = " selected" if choice.is_chosen else ""
    return f'<option value="{escape(choice.value)}"{chosen}>{escape(choice.label)}</option>'
