"""Load the signed-in user with roles, teams and unread notices in one statement.

In the admin, another one loads the permissions.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from core.raw_sql import fetch_rows
from people.models import User
from people.notices import MAX_UNREAD
from people.roles import roles_named

FIELDS: Final = [field.attname for field in User._meta.concrete_fields]
# In SQL because building it with the ORM would slow down every request.
SIGNED_IN_SQL: Final = f"""
SELECT {", ".join(f"member.{field.column}" for field in User._meta.concrete_fields)},
    ARRAY(
        SELECT role.name FROM people_user_groups AS granted
        JOIN auth_group AS role ON role.id = granted.group_id WHERE granted.user_id = member.id
    ),
    ARRAY(
        SELECT id FROM people_team WHERE manager_id = member.id
        UNION SELECT team_id FROM people_membership WHERE user_id = member.id
    ),
    (
        SELECT count(*) FROM (
            SELECT DISTINCT deliver_at, kind, is_urgent FROM people_notice
            WHERE recipient_id = member.id AND read_at IS NULL AND deliver_at <= %s
            LIMIT %s
        ) AS message
    )
FROM people_user AS member WHERE member.id = %s AND member.is_active
"""  # noqa: S608  (no input in it)
# Django takes a statement for those of the user and one for those of the groups.
PERMISSIONS_SQL: Final = """
SELECT model.app_label || '.' || permission.codename
FROM auth_permission AS permission
JOIN django_content_type AS model ON model.id = permission.content_type_id
WHERE permission.id IN (
    SELECT permission_id FROM people_user_user_permissions WHERE user_id = %(user)s
    UNION ALL
    SELECT permission_id FROM auth_group_permissions
    JOIN people_user_groups USING (group_id) WHERE user_id = %(user)s
)
"""


class SignInBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        rows = fetch_rows(SIGNED_IN_SQL, [timezone.now(), MAX_UNREAD + 1, user_id])
        if not rows:
            return None
        *values, roles, team_ids, unread_count = rows[0]
        user = User.from_db(DEFAULT_DB_ALIAS, FIELDS, values)
        user.roles, user.known_team_ids = roles_named(roles), team_ids
        user.unread_count = unread_count
        return user

    def get_all_permissions(self, user: Any, obj: Any = None) -> set[str]:
        if user.is_active and not user.is_superuser and not hasattr(user, "_perm_cache"):
            rows = fetch_rows(PERMISSIONS_SQL, {"user": user.pk})
            user._perm_cache = {permission for (permission,) in rows}
        return super().get_all_permissions(user, obj)
