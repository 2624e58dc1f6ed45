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
FEW = 0.005


def call(*words: str) -> str:
    out = StringIO()
    call_command("load_demo", f"--share={FEW}", *words, stdout=out)
    return out.getvalue()


def touches() -> list[tuple[object, ...]]:
    rows = Touch.objects.order_by("occurred_at", "pk")
    return list(rows.values_list("occurred_at", "kind", "contact__email", "campaign__code"))


def test_one_of_each_role_can_sign_in_with_what_is_written_down(
    tmp_path: Path, settings: Settings
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.IS_LOCAL = True

    said = call()

    assert said.startswith("Loading the demo organization")
    assert "month 12 of 12" in said
    logins = json.loads((settings.DATA_DIR / "demo-logins.json").read_text())
    assert {login["role"] for login in logins} == {role.label for role in Role}
    for login in logins:
        user = User.objects.get(email=login["email"])
        assert user.check_password(login["password"])
        assert [role.label for role in user.roles] == [login["role"]]


def test_it_is_refused_where_people_are() -> None:
    make_user()

    with pytest.raises(CommandError, match="needs a new database"):
        call()

    assert User.objects.count() == 1
    assert not Lead.objects.exists()


def test_it_is_refused_where_its_passwords_would_be_a_danger(settings: Settings) -> None:
    settings.IS_LOCAL = False

    with pytest.raises(CommandError, match="known to everybody"):
        call()

    assert not User.objects.exists()


def test_the_same_day_brings_the_same_people() -> None:
    histories = []
    for _ in range(2):
        with transaction.atomic():
            load(at=MONDAY_9AM, share=FEW, say=lambda line: None)
            histories.append(touches())
            transaction.set_rollback(True)

    assert histories[0] == histories[1]
    assert len(histories[0]) > 50
