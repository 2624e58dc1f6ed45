"""Mails that were written to files because no mail server is configured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

RETENTION: Final = timedelta(days=30)


def purge_mail_files(folder: Path, *, at: datetime) -> int:
    """Delete mails that were written long ago, and return their number."""
    old = [
        file
        for file in folder.glob("*.log")
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) < at - RETENTION
    ]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
