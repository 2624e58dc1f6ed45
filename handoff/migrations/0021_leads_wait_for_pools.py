"""Say for each offer in a queue whether it is there because no one was available."""

import django.contrib.postgres.fields
import django.db.models
from django.db import migrations

# From the stored trace: rules that asked a pool or a person, and found no one.
FILL = """
UPDATE handoff_handoff AS handoff SET waits_for = asked.pools
FROM (
    SELECT waiting.id,
        COALESCE(
            array_agg(DISTINCT rule.team_id) FILTER (WHERE rule.target = 'pool'), '{}'
        ) AS pools
    FROM handoff_handoff AS waiting
    JOIN handoff_routingdecision AS decision ON decision.id = waiting.decision_id
    CROSS JOIN jsonb_array_elements(decision.trace -> 'rules') AS tried
    JOIN handoff_routingrule AS rule ON rule.id = (tried ->> 'id')::bigint
    WHERE waiting.owner_id IS NULL AND waiting.closed_at IS NULL
        AND decision.target = 'queue' AND rule.target NOT IN ('queue', 'nurture')
        AND tried ->> 'outcome' IN ('nobody', 'chosen')
        AND (rule.target = 'pool' OR jsonb_array_length(tried -> 'people') > 0)
    GROUP BY waiting.id
) AS asked
WHERE asked.id = handoff.id
"""


class Migration(migrations.Migration):
    dependencies = [("handoff", "0020_company_rep")]

    operations = [
        migrations.AddField(
            "handoff",
            "waits_for",
            django.contrib.postgres.fields.ArrayField(
                django.db.models.BigIntegerField(),
                null=True,
                size=None,
                help_text="Pools in which no one was available, if that is why a queue has the "
                "lead.",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "handoff",
            django.db.models.Index(
                fields=["lead"],
                condition=django.db.models.Q(closed_at=None, owner=None)
                & ~django.db.models.Q(waits_for=None),
                name="handoff_that_waits",
            ),
        ),
    ]
