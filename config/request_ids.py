"""Give every request an id, which its answer and its log lines carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final
from uuid import uuid4

from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "X-Request-Id"
# Other ids that a client sends could forge log lines or carry personal data into them.
SANE: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

current_request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")


def request_ids(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Use the id that the client or a proxy sent, or make one."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get(HEADER, "")
        request_id = sent if SANE.fullmatch(sent) else uuid4().hex
        current_request_id.set(request_id)
        response = get_response(request)
        response[HEADER] = request_id
        return response

    return middleware


def forget_request_id(**_signal: Any) -> None:
    current_request_id.set("")


# Not at the end of the middleware: Django logs an error answer, and a file is sent, after it.
request_finished.connect(forget_request_id)
