from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("handoff", "0029_note_of_a_policy")]
    operations = [
        AddIndexConcurrently(
            "handoff",
            models.Index(
                fields=["offered_at", "reason"],
                condition=models.Q(("state", "rejected")),
                name="handoff_rejected_by_offer",
            ),
        )
    ]
