from django.db import migrations, models

# The last answers come with the next refresh, which counts figures of another zone again.
COUNT_AGAIN = "UPDATE reporting_logcursor SET zone = ''"


class Migration(migrations.Migration):
    """Milestones have the last answer of sales, beside the first one."""

    dependencies = [
        ("reporting", "0010_cluster_identity"),
    ]

    operations = [
        migrations.AddField(
            model_name="leadmilestones",
            name="last_answer",
            field=models.CharField(
                blank=True,
                choices=[("accepted", "Accepted"), ("rejected", "Rejected")],
                default="",
                max_length=8,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(COUNT_AGAIN, migrations.RunSQL.noop),
    ]
