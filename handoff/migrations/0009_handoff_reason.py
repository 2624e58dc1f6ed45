import django.db.models.deletion
from django.db import migrations, models

# Checked at once: a table with constraints still to check cannot be altered.
FILL_REASON = """
    UPDATE handoff_handoff AS handoff SET reason_id = reason.id
    FROM handoff_rejectionreason AS reason WHERE reason.code = handoff.reason_code;
    SET CONSTRAINTS ALL IMMEDIATE;
"""
FILL_CODE = """
    UPDATE handoff_handoff AS handoff SET reason_code = reason.code
    FROM handoff_rejectionreason AS reason WHERE reason.id = handoff.reason_id;
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    """A handoff points to its rejection reason, where it had only the code."""

    dependencies = [
        ('handoff', '0008_answers'),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='reason',
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='+',
                to='handoff.rejectionreason',
            ),
        ),
        migrations.RunSQL(FILL_REASON, FILL_CODE),
        migrations.RemoveConstraint(model_name='handoff', name='rejection_has_reason'),
        migrations.RemoveField(model_name='handoff', name='reason_code'),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(('state', 'rejected'), _negated=True),
                    models.Q(('reason', None), _negated=True),
                    _connector='OR',
                ),
                name='rejection_has_reason',
            ),
        ),
    ]
