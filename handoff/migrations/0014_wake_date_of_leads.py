"""Copy the date of the latest rejection to the nurtured lead that waits for it."""

from django.db import migrations

COPY = """
UPDATE leads_lead AS lead SET wake_on = latest.wake_on
FROM (
    SELECT DISTINCT ON (handoff.lead_id) handoff.lead_id, rejection.wake_on
    FROM handoff_rejection AS rejection
    JOIN handoff_handoff AS handoff ON handoff.id = rejection.handoff_id
    ORDER BY handoff.lead_id, rejection.rejected_at DESC
) AS latest
WHERE latest.lead_id = lead.id AND lead.stage = 'nurture' AND latest.wake_on IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("handoff", "0013_loss_reasons"), ("leads", "0015_wake_date")]

    operations = [migrations.RunSQL(COPY, migrations.RunSQL.noop)]
