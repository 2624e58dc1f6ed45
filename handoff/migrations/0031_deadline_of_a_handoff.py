from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

# Only open handoffs: nothing reads the column of a closed one.
FILL = """
UPDATE handoff_handoff AS handoff SET due_at = clock.due_at
FROM (
    SELECT handoff_id, min(due_at) AS due_at FROM handoff_slaclock
    WHERE stopped_at IS NULL GROUP BY handoff_id
) AS clock
WHERE clock.handoff_id = handoff.id AND handoff.closed_at IS NULL
"""


class Migration(migrations.Migration):
    # The indexes are made without blocking writes; the old one goes when the new one is there.
    atomic = False
    dependencies = [("handoff", "0030_rejected_handoff_by_offer")]
    operations = [
        migrations.AddField(
            "handoff",
            "due_at",
            models.DateTimeField(
                null=True,
                help_text="When the first of its running clocks is due. Kept while it is open.",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RenameIndex(
            "handoff", new_name="handoff_open_by_owner_old", old_name="handoff_open_by_owner"
        ),
        AddIndexConcurrently(
            "handoff",
            models.Index(
                fields=["owner", "state", "due_at", "id"],
                condition=models.Q(("closed_at", None)),
                name="handoff_open_by_owner",
            ),
        ),
        RemoveIndexConcurrently("handoff", "handoff_open_by_owner_old"),
        AddIndexConcurrently(
            "handoff",
            models.Index(
                fields=["team", "due_at", "id"],
                condition=models.Q(("closed_at", None)),
                name="handoff_open_by_team",
            ),
        ),
    ]
