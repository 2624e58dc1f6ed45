"""Log lines without personal data, and one line a minute for what is out of order."""

from __future__ import annotations

import logging
import re
from copy import copy
from time import monotonic
from types import TracebackType
from typing import Final

from django.core.exceptions import PermissionDenied

from config.request_ids import current_request_id
from core.outages import outage_text

# PostgreSQL repeats the refused row or value here.
ERROR_DETAILS: Final = re.compile(r"\n(?:DETAIL|CONTEXT):.*?(?=\n\n|\Z)", re.DOTALL)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LineFormatter(logging.Formatter):
    """Put the id of the request, if there is one, before the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Say what is out of order in place of a stack trace; a refused page needs none either."""
        error = record.exc_info[1] if record.exc_info else None
        text = outage_text(error)
        if text or isinstance(error, PermissionDenied):
            record = copy(record)
            record.exc_info, record.exc_text = None, None
        if text:
            record.msg, record.args = text, ()
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        if request_id := current_request_id.get():
            record.message = f"[{request_id}] {record.message}"
        return super().formatMessage(record)

    def formatException(self, ei: ExcInfo) -> str:
        return ERROR_DETAILS.sub("", super().formatException(ei))


class OutageFilter(logging.Filter):
    """Pass one record a minute about what is out of order, not one for every request."""

    def __init__(self, seconds: float = 60) -> None:
        super().__init__()
        self.seconds = seconds
        self.passed_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind, now = outage_of(record).partition(":")[0], monotonic()
        if not kind:
            return True
        if now - self.passed_at.get(kind, -self.seconds) < self.seconds:
            return False
        self.passed_at[kind] = now
        return True


def outage_of(record: logging.LogRecord) -> str:
    return outage_text(record.exc_info[1]) if record.exc_info else ""
