"""Who is signed in, with roles, teams and unread notices, in the one statement a page pays."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from people.models import User
from people.roles import roles_named

# In SQL, because every request pays for building it.
SIGNED_IN_SQL: Final = """
SELECT person.*,
    ARRAY(
        SELECT role.name FROM people_user_groups AS held
        JOIN auth_group AS role ON role.id = held.group_id WHERE held.user_id = person.id
    ) AS role_names,
    ARRAY(
        SELECT id FROM people_team WHERE manager_id = person.id
        UNION SELECT team_id FROM people_membership WHERE user_id = person.id
    ) AS known_team_ids,
    (
        SELECT count(*) FROM people_notice
        WHERE recipient_id = person.id AND read_at IS NULL AND deliver_at <= %s
    ) AS unread_count
FROM people_user AS person WHERE person.id = %s AND person.is_active
"""


class SignInBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        for user in User.objects.raw(SIGNED_IN_SQL, [timezone.now(), user_id]):
            user.roles = roles_named(getattr(user, "role_names", ()))
            return user
        return None
