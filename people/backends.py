"""Load the signed-in user with roles, teams and the number of unread notices in one statement."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from people.models import User
from people.notices import MAX_UNREAD
from people.roles import roles_named

# In SQL because building it with the ORM would slow down every request.
SIGNED_IN_SQL: Final = """
SELECT member.*,
    ARRAY(
        SELECT role.name FROM people_user_groups AS granted
        JOIN auth_group AS role ON role.id = granted.group_id WHERE granted.user_id = member.id
    ) AS role_names,
    ARRAY(
        SELECT id FROM people_team WHERE manager_id = member.id
        UNION SELECT team_id FROM people_membership WHERE user_id = member.id
    ) AS known_team_ids,
    (
        SELECT count(*) FROM (
            SELECT DISTINCT deliver_at, kind, is_urgent FROM people_notice
            WHERE recipient_id = member.id AND read_at IS NULL AND deliver_at <= %s
            LIMIT %s
        ) AS message
    ) AS unread_count
FROM people_user AS member WHERE member.id = %s AND member.is_active
"""


class SignInBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        for user in User.objects.raw(SIGNED_IN_SQL, [timezone.now(), MAX_UNREAD + 1, user_id]):
            user.roles = roles_named(getattr(user, "role_names", ()))
            return user
        return None
