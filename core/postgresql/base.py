"""Django's backend for PostgreSQL, with a health check that asks the server only when in doubt."""

from __future__ import annotations

import select
import time
from typing import Final

from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL

# Seconds after which a network may have dropped a connection without either end hearing of it.
MAX_IDLE: Final = 10


class DatabaseWrapper(PostgreSQL):
    """Spare each request the round trip of `SELECT 1` on a connection that was just in use.

    A server that stops, or ends the session, says so or closes the socket, and the socket of a
    session without a running statement is silent otherwise.
    """

    used_at = 0.0

    def close_if_unusable_or_obsolete(self) -> None:
        """Decide, as a request starts and as it ends, whether to ask before the next statement."""
        super().close_if_unusable_or_obsolete()
        now = time.monotonic()
        if self.connection is not None and now - self.used_at < MAX_IDLE and self._is_silent():
            self.health_check_done = True
        self.used_at = now

    def _is_silent(self) -> bool:
        if self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
