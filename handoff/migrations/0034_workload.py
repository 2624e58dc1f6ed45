import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Not of pgtrigger, whose check whether to ignore a trigger takes three times as long as this.
CREATE = """
CREATE FUNCTION handoff_workload_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO handoff_workloadchange (user_id, offered, accepted)
        SELECT owner_id, sum((state = 'offered')::int), sum((state = 'accepted')::int)
        FROM after
        WHERE closed_at IS NULL AND owner_id IS NOT NULL
        GROUP BY owner_id;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO handoff_workloadchange (user_id, offered, accepted)
        SELECT user_id, sum(offered), sum(accepted)
        FROM (
            SELECT owner_id, -(state = 'offered')::int, -(state = 'accepted')::int
            FROM before WHERE closed_at IS NULL AND owner_id IS NOT NULL
            UNION ALL
            SELECT owner_id, (state = 'offered')::int, (state = 'accepted')::int
            FROM after WHERE closed_at IS NULL AND owner_id IS NOT NULL
        ) AS change (user_id, offered, accepted)
        GROUP BY user_id
        HAVING sum(offered) <> 0 OR sum(accepted) <> 0;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO handoff_workloadchange (user_id, offered, accepted)
        SELECT owner_id, -sum((state = 'offered')::int), -sum((state = 'accepted')::int)
        FROM before
        WHERE closed_at IS NULL AND owner_id IS NOT NULL
        GROUP BY owner_id;
    ELSE
        DELETE FROM handoff_workloadchange;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER workload_changed_by_insert AFTER INSERT ON handoff_handoff
    REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION handoff_workload_changed();
CREATE TRIGGER workload_changed_by_update AFTER UPDATE ON handoff_handoff
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION handoff_workload_changed();
CREATE TRIGGER workload_changed_by_delete AFTER DELETE ON handoff_handoff
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION handoff_workload_changed();
CREATE TRIGGER workload_changed_by_truncate AFTER TRUNCATE ON handoff_handoff
    FOR EACH STATEMENT EXECUTE FUNCTION handoff_workload_changed();
"""
DROP = "DROP FUNCTION handoff_workload_changed() CASCADE"
# The triggers lock out whoever would open or close one before this is committed.
FILL = """
INSERT INTO handoff_workloadchange (user_id, offered, accepted)
SELECT owner_id, sum((state = 'offered')::int), sum((state = 'accepted')::int)
FROM handoff_handoff WHERE closed_at IS NULL AND owner_id IS NOT NULL
GROUP BY owner_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("handoff", "0033_order_of_waiting_leads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="WorkloadChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("offered", models.IntegerField()),
                ("accepted", models.IntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["user"],
                        include=("offered", "accepted"),
                        name="workload_change_by_user",
                    )
                ],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
