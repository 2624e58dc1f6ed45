from django.db import migrations

# Figures of another zone are counted again from the log by the next refresh.
COUNT_AGAIN = "UPDATE reporting_logcursor SET zone = ''"


class Migration(migrations.Migration):
    """Milestones keep the dimensions of the moment at which the fact happened."""

    dependencies = [
        ("reporting", "0006_plain_counts"),
        ("handoff", "0017_temperature_at_offer"),
    ]

    operations = [
        migrations.RunSQL(COUNT_AGAIN, migrations.RunSQL.noop),
    ]
