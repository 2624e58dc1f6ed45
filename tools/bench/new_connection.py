"""The product, which closes its connection to the database before a request that asks for it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from config.wsgi import application as product


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if "HTTP_NEW_CONNECTION" in environ:
        connection.close()
    return product(environ, start_response)
