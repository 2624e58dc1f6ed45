from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from people.models.accounts import User


class Session(AbstractBaseSession):
    """A browser that is signed in, or a visitor who has not signed in yet."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    seen_at = models.DateTimeField(help_text="When it was last used, to the hour.")
