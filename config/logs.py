"""Log lines without personal data, and one line a minute for what is out of order."""

from __future__ import annotations

import logging
import re
from time import monotonic
from types import TracebackType
from typing import Final

from core.outages import outage_text

# PostgreSQL repeats the refused row or value here.
ERROR_DETAILS: Final = re.compile(r"\n(?:DETAIL|CONTEXT):.*?(?=\n\n|\Z)", re.DOTALL)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LineFormatter(logging.Formatter):
    def formatException(self, ei: ExcInfo) -> str:
        return ERROR_DETAILS.sub("", super().formatException(ei))


class OutageFilter(logging.Filter):
    """Say in one line what is out of order, not with a stack trace for every request."""

    def __init__(self, seconds: float = 60) -> None:
        super().__init__()
        self.seconds = seconds
        self.said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        text = outage_text(record.exc_info[1]) if record.exc_info else ""
        if not text:
            return True
        kind, now = text.partition(":")[0], monotonic()
        if now - self.said_at.get(kind, -self.seconds) < self.seconds:
            return False
        self.said_at[kind] = now
        record.msg, record.args, record.exc_info, record.exc_text = text, (), None, None
        return True
