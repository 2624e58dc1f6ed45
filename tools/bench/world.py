"""The context of all paths: size, organization, and servers that start on first use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from people.models import User
from tools.bench import plain
from tools.bench.databases import address_of_database, filled_database
from tools.bench.organization import BenchOrganization, Staff, copy_key
from tools.bench.web import (
    DJANGO_BACKEND,
    H1,
    NEW_CONNECTION,
    ONE_THREAD,
    PRODUCT,
    PRODUCT_BACKEND,
    Client,
    Served,
    cookies_of,
    csrf_token,
    serving,
)

Report = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """`calls` is the number of requests in a round of a path over HTTP."""

    leads: int
    calls: int = 100
    staff: Staff = Staff()

    @property
    def page_calls(self) -> int:
        return self.calls // 3


@dataclass
class World:
    """`database` is the alias of the measured one; the bench itself works on the default."""

    size: Size
    organization: BenchOrganization
    report: Report
    stack: ExitStack
    database: str = DEFAULT_DB_ALIAS
    _served: dict[str, Served] = field(default_factory=dict)
    _clients: dict[str, list[Client]] = field(default_factory=lambda: defaultdict(list))
    _others: dict[int, World] = field(default_factory=dict)
    _plain: psycopg.Connection[Any] | None = None

    @property
    def at(self) -> datetime:
        return timezone.now()

    def served(self, application: str) -> Served:
        if application not in self._served:
            options = ONE_THREAD if application == NEW_CONNECTION else ()
            environment = {"DATABASE_URL": address_of_database(self.database)}
            self._served[application] = self.stack.enter_context(
                serving(application, options, **environment)
            )
        return self._served[application]

    def client(self, application: str = PRODUCT, user: User | None = None) -> Client:
        is_stock = application == H1
        cookies = self.cookies_of(user, csrf_token(), is_stock=is_stock) if user else ""
        client = Client(self.served(application).port, cookies)
        self.stack.callback(client.close)
        self._clients[application].append(client)
        return client

    def requests_to(self, application: str) -> int:
        """Return how many requests were sent since the application started."""
        return sum(client.sent for client in self._clients[application])

    def cookies_of(self, user: User, csrf: str, *, is_stock: bool = False) -> str:
        backend = DJANGO_BACKEND if is_stock else PRODUCT_BACKEND
        return cookies_of(user, csrf, backend=backend, database=self.database)

    def with_leads(self, leads: int) -> World:
        """Return the same world with so many leads, in a database of its own."""
        if leads not in self._others:
            database = self.stack.enter_context(filled_database(leads))
            copy_key(self.organization.secret, database)
            size = replace(self.size, leads=leads)
            self._others[leads] = World(size, self.organization, self.report, self.stack, database)
        return self._others[leads]

    def plain(self) -> psycopg.Connection[Any]:
        """Return the shared connection of S."""
        if self._plain is None:
            self._plain = self.connect()
        return self._plain

    def connect(self) -> psycopg.Connection[Any]:
        return self.stack.enter_context(plain.connect())
