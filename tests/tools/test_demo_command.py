import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django.fixtures import Settings

from leads.models import Lead, Touch
from people.models import User
from people.roles import Role
from tests.people.factories import MONDAY_9AM, make_user
from tools.demo.load import load

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TINY_SHARE = 0.005


def call(*options: str) -> str:
    out = StringIO()
    call_command("load_demo", f"--share={TINY_SHARE}", *options, stdout=out)
    return out.getvalue()


def touches() -> list[tuple[object, ...]]:
    rows = Touch.objects.order_by("occurred_at", "pk")
    return list(rows.values_list("occurred_at", "kind", "contact__email", "campaign__code"))


def test_printed_logins_of_each_role_can_sign_in(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.IS_LOCAL = True

    output = call()

    assert output.startswith("Loading the demo organization")
    assert "month 12 of 12" in output
    logins = json.loads((settings.DATA_DIR / "demo-logins.json").read_text())
    assert {login["role"] for login in logins} == {role.label for role in Role}
    for login in logins:
        user = User.objects.get(email=login["email"])
        assert user.check_password(login["password"])
        assert [role.label for role in user.roles] == [login["role"]]


def test_demo_requires_an_installation_without_users() -> None:
    make_user()

    with pytest.raises(CommandError, match="requires a new database"):
        call()

    assert User.objects.count() == 1
    assert not Lead.objects.exists()


def test_demo_requires_a_local_installation(settings: Settings) -> None:
    settings.IS_LOCAL = False

    with pytest.raises(CommandError, match="public"):
        call()

    assert not User.objects.exists()


def test_demo_of_the_same_moment_is_reproducible() -> None:
    histories = []
    for _ in range(2):
        with transaction.atomic():
            load(at=MONDAY_9AM, share=TINY_SHARE, report=lambda line: None)
            histories.append(touches())
            transaction.set_rollback(True)

    assert histories[0] == histories[1]
    assert len(histories[0]) > 50
