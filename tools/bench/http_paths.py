"""Requests of every kind, for the figures that each of them has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from tools.bench.answers import ANSWERS, answering
from tools.bench.intake import Sender
from tools.bench.pages import PAGES
from tools.bench.steps import Step
from tools.bench.world import World


class HttpPath(NamedTuple):
    """`step` takes the application that serves the request."""

    name: str
    step: Callable[[World, str], Step]


def sending(world: World, application: str) -> Step:
    return Sender(world.client(application), world.organization.secret).send


HTTP_PATHS: Final = (
    *(HttpPath(page.name, page.step) for page in PAGES),
    HttpPath("intake", sending),
    *(HttpPath(kind.name, partial(answering, kind)) for kind in ANSWERS),
)
