import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.installation

GOOD = {"HANDOFF_ENV": "production", "SECRET_KEY": "x1" * 25, "ALLOWED_HOSTS": "handoff.example"}


def settings_error(**environment: str) -> str:
    """Return the error message of the settings under exactly this environment."""
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stderr.strip().splitlines() or [""])[-1].rpartition(".")[0].rpartition(": ")[2]


def test_production_accepts_its_own_secret_key() -> None:
    assert settings_error(**GOOD) == ""


@pytest.mark.parametrize("key", ["", "local-only-key-that-production-refuses", "short"])
def test_production_refuses_a_default_or_short_secret_key(key: str) -> None:
    assert settings_error(**{**GOOD, "SECRET_KEY": key}) == (
        "Set SECRET_KEY to at least 50 random characters"
    )


def test_production_refuses_debug() -> None:
    assert settings_error(**GOOD, DEBUG="1") == "DEBUG must be off in production; unset it"


def test_unnamed_environment_is_production() -> None:
    unnamed = {name: value for name, value in GOOD.items() if name != "HANDOFF_ENV"}

    assert settings_error(**unnamed, DEBUG="1") == "DEBUG must be off in production; unset it"


def test_other_databases_are_refused() -> None:
    assert settings_error(**GOOD, DATABASE_URL="sqlite:///data.db") == (
        "DATABASE_URL must start with postgres://"
    )
