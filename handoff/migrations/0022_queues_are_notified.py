import django.db.models
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("handoff", "0021_leads_wait_for_pools")]

    operations = [
        migrations.AddField(
            "handoff",
            "members_notified_at",
            django.db.models.DateTimeField(
                null=True, help_text="When the members of the queue were notified that the lead "
                "waits."
            ),
        ),
        migrations.AddField(
            "handoff",
            "manager_notified_at",
            django.db.models.DateTimeField(
                null=True,
                help_text="When the manager of the queue was notified that it waits too long.",
            ),
        ),
        migrations.AddIndex(
            "handoff",
            django.db.models.Index(
                fields=["offered_at", "id"],
                condition=django.db.models.Q(
                    closed_at=None, owner=None, manager_notified_at=None
                ),
                name="handoff_to_announce",
            ),
        ),
    ]
