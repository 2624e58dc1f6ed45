from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0028_search_folds_accents")]
    operations = [
        AddIndexConcurrently(
            "lead",
            models.Index(F("score").desc(), F("id").desc(), name="lead_by_score"),
        ),
        AddIndexConcurrently(
            "lead",
            models.Index(F("stage_entered_at").desc(), F("id").desc(), name="lead_by_stage_entry"),
        ),
    ]
