"""Turn the credit on for the reasons of a new installation that say it was no lead."""

from django.db import migrations

CREDIT = """
UPDATE handoff_rejectionreason SET credits_round_robin = true
WHERE code IN ('duplicate', 'bad_data')
"""


class Migration(migrations.Migration):
    dependencies = [("handoff", "0015_reasons_credit_round_robin")]

    operations = [migrations.RunSQL(CREDIT, migrations.RunSQL.noop)]
