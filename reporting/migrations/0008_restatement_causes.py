from django.db import migrations, models

import reporting.restatement_causes

# Until now, only proofs of single days left restatements.
FILL = "UPDATE reporting_restatement SET last_day = day, cause = 'proof'"


class Migration(migrations.Migration):
    """A restatement tells its cause, and may be about a month."""

    dependencies = [
        ("reporting", "0007_frozen_dimensions"),
    ]

    operations = [
        migrations.AddField(
            model_name="restatement",
            name="last_day",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="restatement",
            name="cause",
            field=models.CharField(
                choices=reporting.restatement_causes.choices, default="proof", max_length=12
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="restatement",
            name="last_day",
            field=models.DateField(),
        ),
        migrations.AlterField(
            model_name="restatement",
            name="rows",
            field=models.PositiveIntegerField(
                default=0, help_text="Rollup rows that a proof found different."
            ),
        ),
        migrations.AlterField(
            model_name="restatement",
            name="was",
            field=models.JSONField(help_text="The totals that differed, as published."),
        ),
        migrations.AlterField(
            model_name="restatement",
            name="now",
            field=models.JSONField(help_text="The same totals, counted again."),
        ),
    ]
