import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_import_runs")]
    operations = [
        migrations.AddField(
            model_name="importedline",
            name="events",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                help_text="The events of a move, which an undo takes back.",
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="importedline",
            name="before",
            field=models.JSONField(
                help_text="Columns of the lead before the move.", null=True
            ),
        ),
    ]
