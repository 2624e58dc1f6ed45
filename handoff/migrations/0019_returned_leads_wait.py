"""Let leads that sales returned in the first release wait, too, with their dates."""

from django.db import migrations

WAIT = """
    UPDATE leads_lead AS lead
    SET returned_at = latest.closed_at,
        wake_on = COALESCE(lead.wake_on, rejection.wake_on),
        signal_kinds = COALESCE(
            reason.signal_kinds, '{demo_request,quote_request,consultation_request}'
        ),
        missing_fields = latest.missing_fields
    FROM (
        SELECT DISTINCT ON (lead_id) * FROM handoff_handoff
        ORDER BY lead_id, offered_at DESC, id DESC
    ) AS latest
    LEFT JOIN handoff_rejection AS rejection ON rejection.handoff_id = latest.id
    LEFT JOIN handoff_rejectionreason AS reason ON reason.id = rejection.reason_id
    WHERE latest.lead_id = lead.id AND lead.closed_at IS NULL
        AND latest.state IN ('rejected', 'cannot_evaluate')
        AND lead.stage IN ('engaged', 'nurture')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("handoff", "0018_buying_signals"),
        ("leads", "0016_returned_leads"),
    ]

    operations = [migrations.RunSQL(WAIT, migrations.RunSQL.noop)]
