from django.db import migrations


class Migration(migrations.Migration):
    """Keys and their answers are in `api` now, which took over their tables."""

    dependencies = [
        ('api', '0001_initial'),
        ('intake', '0002_imported_lines_and_rates'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name='IdempotentRequest'),
                migrations.DeleteModel(name='ApiKey'),
            ],
        ),
    ]
