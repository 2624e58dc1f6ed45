from __future__ import annotations

from django.db import models


class WorkloadChange(models.Model):
    """A change of how many handoffs a user has open, by state; the sum of all is how many.

    Added by triggers on the table of handoffs and merged by `handoff.workload`. No row is ever
    updated, so that no one who offers or answers waits for another.
    """

    # Not a foreign key in the database, which would lock the user: an open handoff has one.
    user = models.ForeignKey(
        "people.User",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    offered = models.IntegerField()
    accepted = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["user"], include=["offered", "accepted"], name="workload_change_by_user"
            )
        ]

    def __str__(self) -> str:
        return f"{self.offered:+} offered and {self.accepted:+} accepted of user {self.user_id}"
