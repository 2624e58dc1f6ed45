from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0026_import_runs")]
    operations = [
        AddIndexConcurrently(
            "leadevent",
            models.Index(
                fields=["lead"],
                condition=models.Q(payload__has_key="taken_back"),
                name="event_that_takes_back",
            ),
        )
    ]
