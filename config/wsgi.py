import gc
import os
from collections.abc import Callable, Iterable
from importlib import import_module
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def with_length(handler: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Give a chunked body its length, without which Django reads none of it.

    The web worker has the whole body, which is not longer than it receives.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if is_chunked and environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = BytesIO(body)
        return handler(environ, start_response)

    return application


application = with_length(get_wsgi_application())
# Otherwise the first request would import the pages.
import_module(settings.ROOT_URLCONF)
# Imports are never freed: no collection looks at them again, and web workers share their memory.
gc.freeze()
