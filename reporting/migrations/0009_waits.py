from django.db import migrations, models

# Waits come with the next refresh, which counts figures of another zone again from the log.
COUNT_AGAIN = "UPDATE reporting_logcursor SET zone = ''"


class Migration(migrations.Migration):
    """Milestones have the wait in seconds, and rollups the waits that medians are made of."""

    dependencies = [
        ("reporting", "0008_restatement_causes"),
    ]

    operations = [
        migrations.RemoveField(model_name="handoffmilestones", name="speed"),
        migrations.AddField(
            model_name="handoffmilestones", name="wait", field=models.IntegerField(null=True)
        ),
        migrations.AddField(
            model_name="leadmilestones",
            name="contact_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="leadmilestones",
            name="requested_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="leadmilestones", name="wait", field=models.IntegerField(null=True)
        ),
        *(
            migrations.AddField(
                model_name=rollup,
                name=name,
                field=models.BinaryField(default=b""),
                preserve_default=False,
            )
            for rollup in ("leadday", "handoffday")
            for name in ("waits", "wait_steps")
        ),
        migrations.RunSQL(COUNT_AGAIN, migrations.RunSQL.noop),
    ]
