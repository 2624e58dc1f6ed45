from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Case, F, Value, When

ONE_OPEN_LEAD = """
CREATE UNIQUE INDEX CONCURRENTLY one_open_lead_of_contact ON leads_lead (
    contact_id, (CASE WHEN closed_at IS NULL THEN 0 ELSE id END)
)
"""


class Migration(migrations.Migration):
    """Let one index keep leads unique and find those of a contact."""

    atomic = False
    dependencies = [("leads", "0035_index_leads_to_complete")]
    operations = [
        migrations.RunSQL(
            ONE_OPEN_LEAD,
            "DROP INDEX CONCURRENTLY one_open_lead_of_contact",
            state_operations=[
                migrations.AddConstraint(
                    "lead",
                    models.UniqueConstraint(
                        F("contact"),
                        Case(When(closed_at=None, then=Value(0)), default=F("id")),
                        name="one_open_lead_of_contact",
                    ),
                )
            ],
        ),
        migrations.RemoveConstraint("lead", "one_open_lead_per_contact"),
        RemoveIndexConcurrently("lead", "lead_by_contact"),
    ]
