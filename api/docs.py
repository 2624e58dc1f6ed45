"""The documentation page of the API, which loads nothing from other hosts."""

from __future__ import annotations

from typing import Final

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

# The style sheet of Swagger UI has its icons in data URLs.
ICON_SOURCES: Final = {"img-src": [SELF, "data:"]}


@require_GET
@csp_update(ICON_SOURCES)
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")
