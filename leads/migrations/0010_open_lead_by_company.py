from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0009_phone_and_name")]
    operations = [
        AddIndexConcurrently(
            "lead",
            models.Index(
                fields=["company"], condition=Q(closed_at=None), name="open_lead_by_company"
            ),
        )
    ]
