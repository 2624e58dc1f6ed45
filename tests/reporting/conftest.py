from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from people.roles import Role
from tests.people.factories import make_user_with
from tests.reporting.pages import NOON


@pytest.fixture
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def reader(client: Client, noon: None) -> Client:
    """Sign in a marketer at noon, while the session still runs."""
    client.force_login(make_user_with(Role.MARKETER))
    return client
