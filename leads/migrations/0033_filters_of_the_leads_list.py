from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0032_note_of_a_scoring_model")]
    operations = [
        AddIndexConcurrently(
            "lead",
            models.Index(
                "campaign",
                F("opened_at").desc(),
                F("id").desc(),
                condition=~Q(campaign=None),
                name="lead_by_campaign",
            ),
        ),
        AddIndexConcurrently(
            "lead",
            models.Index(
                "queue",
                F("opened_at").desc(),
                F("id").desc(),
                condition=~Q(queue=None),
                name="lead_in_queue",
            ),
        ),
    ]
