"""Format log lines without personal data."""

from __future__ import annotations

import logging
import re
from types import TracebackType
from typing import Final

# PostgreSQL repeats the refused row or value here.
ERROR_DETAILS: Final = re.compile(r"\n(?:DETAIL|CONTEXT):.*?(?=\n\n|\Z)", re.DOTALL)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LineFormatter(logging.Formatter):
    def formatException(self, ei: ExcInfo) -> str:
        return ERROR_DETAILS.sub("", super().formatException(ei))
