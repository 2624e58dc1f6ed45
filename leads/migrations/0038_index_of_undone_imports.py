from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Let the index of events that take something back also hold imports that took back touches."""

    atomic = False
    dependencies = [("leads", "0037_one_index_an_identity")]
    operations = [
        RemoveIndexConcurrently("leadevent", "event_that_takes_back"),
        AddIndexConcurrently(
            "leadevent",
            models.Index(
                fields=["lead"],
                condition=models.Q(payload__has_key="taken_back") | models.Q(kind="import_undone"),
                name="event_that_takes_back",
            ),
        ),
    ]
