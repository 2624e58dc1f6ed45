from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from people.backends import SIGNED_IN_SQL, SignInBackend
from people.models import Notice, User
from people.notices import MAX_UNREAD, count_unread
from people.roles import Role
from tests.people.factories import make_user
from tests.plans import pretend_large

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


def test_permissions_of_user_and_groups_are_read_at_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user, others = make_user(), make_user()
    own, shared, of_both, _none = Permission.objects.order_by("pk")[:4]
    user.user_permissions.add(own, of_both)
    group = Group.objects.create(name="Choir")
    group.permissions.add(shared, of_both)
    user.groups.add(group)

    with django_assert_num_queries(1):
        known = SignInBackend().get_all_permissions(user)

    assert known == ModelBackend().get_all_permissions(User.objects.get(pk=user.pk))
    assert len(known) == 3
    assert SignInBackend().get_all_permissions(others) == set()


def test_only_active_users_have_permissions() -> None:
    user = make_user(is_superuser=True)
    assert len(SignInBackend().get_all_permissions(user)) == Permission.objects.count()

    user = make_user(is_active=False)
    user.user_permissions.add(Permission.objects.earliest("pk"))
    assert SignInBackend().get_all_permissions(user) == set()


def test_unread_messages_are_counted_to_one_more_than_is_shown() -> None:
    user, now = make_user(), timezone.now()
    Notice.objects.bulk_create(
        Notice(
            recipient=user,
            key=f"{message}:{part}",
            kind="offered",
            created_at=now,
            deliver_at=now - timedelta(minutes=message),
        )
        for message in range(MAX_UNREAD + 20)
        for part in range(2)
    )

    signed_in = SignInBackend().get_user(user.pk)

    assert signed_in is not None
    assert signed_in.unread_count == count_unread(user, at=now) == MAX_UNREAD + 1


def test_unread_messages_are_counted_in_the_index_of_unread_notices() -> None:
    make_notice(make_user(), "a")
    pretend_large("people_notice")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {SIGNED_IN_SQL}", [timezone.now(), MAX_UNREAD + 1, 1])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Only Scan using notice_unread" in plan
    assert "Scan on people_notice" not in plan


def test_notices_are_found_by_key_and_by_its_beginning() -> None:
    make_notice(make_user(), "offered:1:2")
    pretend_large("people_notice")
    for lookup in ({"key": "offered:1:2"}, {"key__startswith": "offered:1:"}):
        assert "one_notice_per_key" in Notice.objects.filter(**lookup).explain()


def test_deactivated_user_is_signed_out() -> None:
    user = make_user()
    client = Client()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert SignInBackend().get_user(user.pk) is None
    assert client.get("/")["Location"].startswith("/sign-in/")
