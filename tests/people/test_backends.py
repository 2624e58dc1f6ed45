from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from people.backends import SignInBackend
from people.models import Notice, User
from people.roles import Role
from tests.people.factories import make_user

pytestmark = pytest.mark.django_db


def make_notice(user: User, key: str, **fields: Any) -> Notice:
    now = timezone.now()
    values = {"kind": "offered", "subject": "A lead", "created_at": now, "deliver_at": now}
    return Notice.objects.create(recipient=user, key=key, **{**values, **fields})


def test_user_is_loaded_with_roles_and_unread_count_at_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_user()
    user.groups.add(Group.objects.get(name=Role.REP.label))
    user.groups.add(Group.objects.create(name="Choir"))
    make_notice(user, "a")
    make_notice(user, "b", read_at=timezone.now())
    make_notice(user, "c", deliver_at=timezone.now() + timedelta(hours=1))
    make_notice(make_user(), "d")

    with django_assert_num_queries(1):
        signed_in = SignInBackend().get_user(user.pk)
        assert signed_in is not None
        assert signed_in.roles == {Role.REP}

    assert signed_in == user
    assert vars(signed_in)["unread_count"] == 1


def test_deactivated_user_is_signed_out() -> None:
    user = make_user()
    client = Client()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert SignInBackend().get_user(user.pk) is None
    assert client.get("/")["Location"].startswith("/sign-in/")
