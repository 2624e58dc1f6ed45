from collections.abc import Iterator

import pytest

from tests.tools.running import Installation, Up
from tools.devserver.with_servers import temporary_data


@pytest.fixture
def no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    with temporary_data() as folder:
        installation = Installation(folder)
        yield installation
        installation.stop()


@pytest.fixture
def running(installation: Installation) -> Up:
    """Return a running installation: that of the test before, unless it was ended."""
    return installation.up()
