"""How a log line looks: ids, never names or addresses."""

from __future__ import annotations

import logging
import re
from types import TracebackType
from typing import Final

# Where PostgreSQL repeats the row or the value that it refused.
REPEATED: Final = re.compile(r"\n(?:DETAIL|CONTEXT):.*?(?=\n\n|\Z)", re.DOTALL)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LineFormatter(logging.Formatter):
    def formatException(self, ei: ExcInfo) -> str:
        return REPEATED.sub("", super().formatException(ei))
