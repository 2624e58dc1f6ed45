from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes are made without blocking writes; those that they replace go afterwards.
    atomic = False
    dependencies = [("people", "0018_number_styles")]
    operations = [
        AddIndexConcurrently(
            "notice",
            models.Index(
                fields=["recipient", "deliver_at", "kind", "is_urgent"],
                condition=models.Q(("read_at", None)),
                name="notice_unread",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY one_notice_per_key "
                    "ON people_notice (key varchar_pattern_ops)",
                    "DROP INDEX CONCURRENTLY one_notice_per_key",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    "notice",
                    models.UniqueConstraint(
                        fields=["key"],
                        opclasses=["varchar_pattern_ops"],
                        name="one_notice_per_key",
                    ),
                )
            ],
        ),
        migrations.AlterField(
            "notice",
            "key",
            models.CharField(
                max_length=120, help_text="A second notice with the same key is dropped."
            ),
        ),
        # `notice_by_recipient` begins with the same column.
        migrations.AlterField(
            "notice",
            "recipient",
            models.ForeignKey(
                "people.User",
                on_delete=models.CASCADE,
                related_name="notices",
                db_index=False,
            ),
        ),
    ]
