"""The context of all paths: size, organization, and servers that start on first use."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from django.utils import timezone

from people.models import User
from tools.bench import plain
from tools.bench.organization import BenchOrganization, Staff
from tools.bench.web import DJANGO_BACKEND, H1, PRODUCT_BACKEND, Client, Served, cookies_of, serving

Report = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """`calls` is the number of requests in a round of a path over HTTP."""

    leads: int
    calls: int = 100
    staff: Staff = Staff()


@dataclass
class World:
    size: Size
    organization: BenchOrganization
    report: Report
    stack: ExitStack
    _served: dict[str, Served] = field(default_factory=dict)
    _plain: psycopg.Connection[Any] | None = None

    @property
    def at(self) -> datetime:
        return timezone.now()

    def served(self, application: str) -> Served:
        if application not in self._served:
            self._served[application] = self.stack.enter_context(serving(application))
        return self._served[application]

    def client(self, application: str, user: User | None = None, csrf: str = "") -> Client:
        backend = DJANGO_BACKEND if application == H1 else PRODUCT_BACKEND
        cookies = cookies_of(user, csrf, backend=backend) if user else ""
        client = Client(self.served(application).port, cookies)
        self.stack.callback(client.close)
        return client

    def plain(self) -> psycopg.Connection[Any]:
        """Return the shared connection of S."""
        if self._plain is None:
            self._plain = self.connect()
        return self._plain

    def connect(self) -> psycopg.Connection[Any]:
        return self.stack.enter_context(plain.connect())
