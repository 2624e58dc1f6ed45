from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0023_repairs")]
    operations = [
        AddIndexConcurrently(
            "leadevent",
            BrinIndex(fields=["recorded_at"], autosummarize=True, name="event_by_recording"),
        )
    ]
