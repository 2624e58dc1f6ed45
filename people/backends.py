"""Who is signed in, with roles and unread notices, in the one statement every page pays anyway."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from people.models import Notice, User
from people.roles import roles_named


class SignInBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        groups = Group.objects.filter(user=OuterRef("pk")).values("name")
        unread = (
            Notice.objects.filter(
                recipient=OuterRef("pk"), read_at=None, deliver_at__lte=timezone.now()
            )
            .order_by()
            .values("recipient")
            .annotate(count=Count("pk"))
            .values("count")
        )
        user = (
            User.objects.filter(pk=user_id, is_active=True)
            .annotate(role_names=ArraySubquery(groups), unread_count=Coalesce(Subquery(unread), 0))
            .first()
        )
        if user is not None:
            user.roles = roles_named(user.role_names)
        return user
