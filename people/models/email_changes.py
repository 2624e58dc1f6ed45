from __future__ import annotations

from django.db import models

from people.models.accounts import User


class EmailChange(models.Model):
    """A new email that its user has not confirmed yet. Confirming or canceling it deletes it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="email_change")
    email = models.EmailField(max_length=254)
    requested_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"user {self.user_id}"
