from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

TO_COMPLETE = (Q(stage="engaged") & ~Q(returned_at=None)) | ~Q(missing_fields=[])


class Migration(migrations.Migration):
    """Hold returned leads, too, in the order of their page."""

    atomic = False
    dependencies = [("leads", "0034_fold_plain_text_quickly")]
    operations = [
        AddIndexConcurrently(
            "lead",
            models.Index(
                fields=["stage_entered_at", "id"],
                condition=Q(closed_at=None) & TO_COMPLETE,
                name="lead_kept_by_marketing",
            ),
        ),
        RemoveIndexConcurrently("lead", "lead_to_complete"),
    ]
