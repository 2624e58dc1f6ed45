from django.db import migrations


class Migration(migrations.Migration):
    """The reasons and rejections are in `handoff` now, which took over their tables."""

    dependencies = [
        ('feedback', '0003_history'),
        ('handoff', '0008_answers'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name='Rejection'),
                migrations.DeleteModel(name='RejectionReasonEvent'),
                migrations.DeleteModel(name='RejectionReason'),
            ],
        ),
    ]
