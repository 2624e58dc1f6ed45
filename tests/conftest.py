import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL"):
        raise pytest.UsageError(
            "The tests need a database: run script/test, which brings one, or set DATABASE_URL."
        )
