"""Count attempts within ten minutes of each other as one, on handoffs that are still open."""

from datetime import timedelta

from django.db import migrations, models

ONE_ATTEMPT = timedelta(minutes=10)


def count_again(apps, schema_editor):
    Handoff = apps.get_model("handoff", "Handoff")
    for handoff in Handoff.objects.filter(closed_at=None, attempt_count__gt=1).iterator():
        count, latest = 0, None
        moments = handoff.attempts.order_by("occurred_at").values_list("occurred_at", flat=True)
        for moment in moments:
            if latest is None or moment >= latest + ONE_ATTEMPT:
                count, latest = count + 1, moment
        if count != handoff.attempt_count:
            Handoff.objects.filter(pk=handoff.pk).update(attempt_count=count)


class Migration(migrations.Migration):
    dependencies = [("handoff", "0024_new_requests")]

    operations = [
        migrations.AlterField(
            "handoff",
            "attempt_count",
            models.PositiveSmallIntegerField(
                default=0,
                help_text="Logged attempts; those within minutes of each other count once.",
            ),
        ),
        migrations.RunPython(count_again, migrations.RunPython.noop),
    ]
