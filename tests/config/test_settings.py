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


def test_number_is_refused_in_words() -> None:
    assert settings_error(**GOOD, TRUSTED_PROXIES="one") == "TRUSTED_PROXIES must be a whole number"


def values(*names: str, **environment: str) -> list[str]:
    script = f"from config import settings\nfor n in {names}: print(getattr(settings, n))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_cookies_of_production_belong_to_this_host_only() -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")

    assert values(*names, **GOOD) == ["__Host-sessionid", "__Host-csrftoken"]
    assert values(*names, HANDOFF_ENV="local") == ["sessionid", "csrftoken"]


def test_hsts_grows_by_setting() -> None:
    names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
    full = dict(zip(names, ("31536000", "1", "1"), strict=True))

    assert values(*names, **GOOD) == ["3600", "False", "False"]
    assert values(*names, **GOOD, **full) == ["31536000", "True", "True"]
    assert values(*names, HANDOFF_ENV="local") == ["0", "False", "False"]


def test_one_proxy_is_trusted_where_one_ends_tls() -> None:
    assert values("TRUSTED_PROXIES", **GOOD) == ["0"]
    assert values("TRUSTED_PROXIES", **GOOD, BEHIND_TLS_PROXY="1") == ["1"]
    assert values("TRUSTED_PROXIES", **GOOD, TRUSTED_PROXIES="") == ["0"]
    assert values("TRUSTED_PROXIES", **GOOD, BEHIND_TLS_PROXY="1", TRUSTED_PROXIES="") == ["1"]
    assert values("TRUSTED_PROXIES", **GOOD, TRUSTED_PROXIES="2") == ["2"]
