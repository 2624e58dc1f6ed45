import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# A lead has the highest temperature of its touches; these are the touches up to the offer.
FILL_TEMPERATURE = """
    UPDATE handoff_handoff AS handoff SET temperature = touched.temperature
    FROM (
        SELECT DISTINCT ON (handoff.id) handoff.id, lead_type.temperature
        FROM handoff_handoff AS handoff
        JOIN leads_touch AS touch
            ON touch.lead_id = handoff.lead_id AND touch.recorded_at <= handoff.offered_at
        JOIN leads_leadtype AS lead_type ON lead_type.id = touch.lead_type_id
        ORDER BY handoff.id, array_position(ARRAY['hot', 'warm', 'cold'], lead_type.temperature)
    ) AS touched
    WHERE touched.id = handoff.id;
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    """A handoff keeps the temperature that the lead had when it was offered."""

    dependencies = [
        ("handoff", "0016_duplicates_credit_round_robin"),
    ]

    operations = [
        migrations.AddField(
            model_name="handoff",
            name="temperature",
            field=models.CharField(
                choices=[("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold")],
                default="cold",
                help_text="The lead's temperature when it was offered.",
                max_length=4,
            ),
        ),
        migrations.RunSQL(FILL_TEMPERATURE, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='handoff',
            trigger=pgtrigger.compiler.Trigger(name='offers_never_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."offered_at" IS DISTINCT FROM (NEW."offered_at") OR OLD."policy_id" IS DISTINCT FROM (NEW."policy_id") OR OLD."temperature" IS DISTINCT FROM (NEW."temperature"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ad49e6718d185eb2a06101f0ed6664eca821a779', operation='UPDATE', pgid='pgtrigger_offers_never_change_1fdf0', table='handoff_handoff', when='BEFORE')),
        ),
    ]
