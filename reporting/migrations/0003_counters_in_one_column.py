import json

import django.contrib.postgres.fields
from django.db import migrations, models

# The columns of the counters, in the order in which they become elements of `counts`.
LEADS = [
    "leads", "engaged", "mql", "sal", "sql", "opportunity", "won", "lost", "nurture",
    "disqualified", "offered", "answered", "accepted", "rejected",
]
HANDOFFS = [
    "handoffs", "rejections", "unevaluated", "responses", "contacted", "contact_kept",
    "contact_due", "answer_kept", "answer_due", "promises_kept", "promises_due",
    *(f"speed_{step}" for step in range(16)),
]
RENAMED = {
    "contact_kept": "contact_sla_met",
    "contact_due": "contact_sla_ended",
    "answer_kept": "response_sla_met",
    "answer_due": "response_sla_ended",
    "promises_kept": "sla_met",
    "promises_due": "sla_ended",
}
ORDER = json.dumps(
    {"leads": LEADS, "handoffs": [RENAMED.get(column, column) for column in HANDOFFS]}
)


def add_counts(model: str) -> migrations.AddField:
    counts = django.contrib.postgres.fields.ArrayField(models.IntegerField(), default=list)
    return migrations.AddField(model, "counts", counts, preserve_default=False)


def fill_counts(table: str, columns: list[str]) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"UPDATE {table} SET counts = ARRAY[{', '.join(columns)}]", migrations.RunSQL.noop
    )


class Migration(migrations.Migration):
    """Keep the counts of a rollup row in one column, so that a new counter needs no migration.

    Undone, the rollups are empty until the next refresh counts them again.
    """

    dependencies = [("reporting", "0002_speed_as_columns")]
    operations = [
        migrations.AddField("logcursor", "counters", models.JSONField(default=dict)),
        add_counts("leadday"),
        add_counts("handoffday"),
        fill_counts("reporting_leadday", LEADS),
        fill_counts("reporting_handoffday", HANDOFFS),
        migrations.RunSQL(
            [("UPDATE reporting_logcursor SET counters = %s::jsonb", [ORDER])],
            migrations.RunSQL.noop,
        ),
        *[migrations.RemoveField("leadday", column) for column in LEADS],
        *[migrations.RemoveField("handoffday", column) for column in HANDOFFS],
        *[
            migrations.RunSQL(migrations.RunSQL.noop, f"DELETE FROM {table}")
            for table in ("reporting_leadday", "reporting_handoffday", "reporting_logcursor")
        ],
    ]
