"""The API's pages for people, from files of our own host only."""

from __future__ import annotations

from typing import Final

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

# The documentation's style sheet draws its icons from data addresses.
ICONS: Final = {"img-src": [SELF, "data:"]}


@require_GET
@csp_update(ICONS)
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")
