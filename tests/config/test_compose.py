"""docker-compose.yml passes on every setting, and gives each container few rights."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from django.conf import settings

ROOT: Final = Path(settings.BASE_DIR)
SETTING: Final = re.compile(
    r"""(?:os\.environ\.get|env\.(?:flag|number|words|directory))\(\s*["'](\w+)["']"""
)
# The image sets the first three, and production refuses the last.
NOT_PASSED_ON: Final = {"DATA_DIR", "STATIC_ROOT", "PLAIN_STATIC", "DEBUG"}
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
OURS: Final = {"prepare", "web", "worker", "mail", "beat"}


def names_in(text: str) -> set[str]:
    return set(SETTING.findall(text))


def test_names_are_found() -> None:
    text = """A = os.environ.get("A")\nB = env.flag("B", True)\nC = env.number(\n    "C", 1)"""

    assert names_in(text) == {"A", "B", "C"}


@pytest.mark.parametrize("service", sorted(OURS))
def test_every_setting_is_passed_on(service: str) -> None:
    known = names_in((ROOT / "config/settings.py").read_text())

    assert len(known) > 20
    assert set(SERVICES[service]["environment"]) == known - NOT_PASSED_ON


def test_number_of_proxies_follows_from_tls_unless_set() -> None:
    """A proxy that is not there would let clients choose the address that is locked."""
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == "${TRUSTED_PROXIES:-}"


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()

    known = set(SERVICES["web"]["environment"])
    assert [name for name in sorted(known) if f"`{name}`" not in readme] == []


def test_readme_names_the_settings_that_cannot_be_set() -> None:
    environment = SERVICES["web"]["environment"]
    fixed = [name for name, value in environment.items() if f"${{{name}" not in value]

    assert sorted(fixed) == ["DATABASE_URL", "HANDOFF_ENV", "REDIS_URL"]
    readme = (ROOT / "README.md").read_text()
    assert "passes on all of them but `DATABASE_URL`, `REDIS_URL` and `HANDOFF_ENV`" in readme


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_container_has_few_rights(service: str) -> None:
    container = SERVICES[service]

    assert container["read_only"] is True
    assert "/tmp" in container["tmpfs"]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["mem_limit"]
    assert container["pids_limit"]
    if service in OURS:
        assert "cap_add" not in container
        assert container["volumes"] == ["data:/data"]


def test_images_are_pinned_to_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert len(images) == 4
    assert all(re.search(r":\d+\.\d+", image) for image in images)


def test_only_this_machine_reaches_the_web_container() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert ports == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}
