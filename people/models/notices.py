from __future__ import annotations

from django.db import models

from people.models.accounts import User


class Notice(models.Model):
    recipient = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=200, blank=True, help_text="Page to open.")
    key = models.CharField(
        max_length=120, help_text="A second notice with the same key is dropped."
    )
    to_email = models.EmailField(
        max_length=254,
        blank=True,
        default="",
        db_default="",
        help_text="Where the mail goes if not to the email of the recipient.",
    )
    is_urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    deliver_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # Also finds notices by the beginning of their key.
            models.UniqueConstraint(
                fields=["key"], opclasses=["varchar_pattern_ops"], name="one_notice_per_key"
            )
        ]
        indexes = [
            models.Index(
                fields=["deliver_at"],
                condition=models.Q(delivered_at=None),
                name="notice_undelivered_by_due",
            ),
            # Serves the foreign key, too.
            models.Index(fields=["recipient", "-created_at"], name="notice_by_recipient"),
            # Serves the count that every request reads, in the order of its messages.
            models.Index(
                fields=["recipient", "deliver_at", "kind", "is_urgent"],
                condition=models.Q(read_at=None),
                name="notice_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"

    @property
    def occasion_id(self) -> int | None:
        """Return the id that the key names, such as that of a handoff."""
        occasion = self.key.removeprefix(f"{self.kind}:").partition(":")[0]
        return int(occasion) if occasion.isdecimal() else None
