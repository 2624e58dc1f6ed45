"""The context of each report page; the templates only lay it out."""

from collections.abc import Callable, Mapping
from typing import Final

from reporting.pages.components import Context
from reporting.pages.funnel import funnel_page
from reporting.pages.overview import overview_page
from reporting.pages.rejections import rejections_page
from reporting.pages.sources import sources_page
from reporting.pages.speed import speed_page
from reporting.queries.reports import ReportResult

PAGES: Final[Mapping[str, Callable[[ReportResult], Context]]] = {
    "overview": overview_page,
    "funnel": funnel_page,
    "sources": sources_page,
    "rejections": rejections_page,
    "speed": speed_page,
}

__all__ = ["PAGES"]
