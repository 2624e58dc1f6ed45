import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rollup is counted anew, by the next run, once the cursor is gone."""

    dependencies = [
        ('reporting', '0001_initial'),
        ('leads', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.DeleteModel(name='HandoffDay'),
        migrations.CreateModel(
            name='HandoffDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grain', models.PositiveSmallIntegerField()),
                ('day', models.DateField()),
                ('temperature', models.CharField(max_length=4, null=True)),
                ('reason', models.CharField(max_length=40, null=True)),
                ('handoffs', models.IntegerField()),
                ('rejections', models.IntegerField()),
                ('unevaluated', models.IntegerField()),
                ('responses', models.IntegerField()),
                ('contacted', models.IntegerField()),
                ('contact_kept', models.IntegerField()),
                ('contact_due', models.IntegerField()),
                ('answer_kept', models.IntegerField()),
                ('answer_due', models.IntegerField()),
                ('promises_kept', models.IntegerField()),
                ('promises_due', models.IntegerField()),
                ('speed_0', models.IntegerField()),
                ('speed_1', models.IntegerField()),
                ('speed_2', models.IntegerField()),
                ('speed_3', models.IntegerField()),
                ('speed_4', models.IntegerField()),
                ('speed_5', models.IntegerField()),
                ('speed_6', models.IntegerField()),
                ('speed_7', models.IntegerField()),
                ('speed_8', models.IntegerField()),
                ('speed_9', models.IntegerField()),
                ('speed_10', models.IntegerField()),
                ('speed_11', models.IntegerField()),
                ('speed_12', models.IntegerField()),
                ('speed_13', models.IntegerField()),
                ('speed_14', models.IntegerField()),
                ('speed_15', models.IntegerField()),
                ('campaign', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.campaign')),
                ('lead_type', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.leadtype')),
                ('source', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.source')),
                ('team', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.team')),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['grain', 'day'], name='handoff_day_by_grain')],
            },
        ),
        migrations.RunSQL("DELETE FROM reporting_logcursor", migrations.RunSQL.noop),
    ]
