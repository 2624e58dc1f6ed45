from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

FILL = """
UPDATE handoff_handoff AS handoff
SET waits_since = lead.stage_entered_at, waits_as_hot = lead.temperature = 'hot'
FROM leads_lead AS lead
WHERE lead.id = handoff.lead_id AND handoff.closed_at IS NULL AND handoff.waits_for IS NOT NULL
"""


class Migration(migrations.Migration):
    # The index is made without blocking writes; the old one goes when the new one is there.
    atomic = False
    dependencies = [("handoff", "0032_reasons_are_configuration")]
    operations = [
        migrations.AddField(
            "handoff",
            "waits_since",
            models.DateTimeField(
                null=True, help_text="When the lead that waits became ready for sales."
            ),
        ),
        migrations.AddField(
            "handoff",
            "waits_as_hot",
            models.BooleanField(
                null=True, help_text="Whether the lead is hot. Kept while it waits."
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RenameIndex(
            "handoff", new_name="handoff_that_waits_old", old_name="handoff_that_waits"
        ),
        AddIndexConcurrently(
            "handoff",
            models.Index(
                fields=["waits_for", "-waits_as_hot", "waits_since", "lead"],
                condition=models.Q(("closed_at", None), ("owner", None))
                & ~models.Q(("waits_for", None)),
                name="handoff_that_waits",
            ),
        ),
        RemoveIndexConcurrently("handoff", "handoff_that_waits_old"),
    ]
