from django.db import migrations

# As `reporting.registry.waits` stores them.
COUNT_STEPS = """
    UPDATE {table} SET wait_steps = (
        SELECT string_agg(int4send(coalesce(number, 0)::integer), ''::bytea ORDER BY step)
        FROM generate_series(0, 255) AS step LEFT JOIN (
            SELECT get_byte(wait_steps, place) AS step, count(*) AS number
            FROM generate_series(0, length(wait_steps) - 1) AS place GROUP BY 1
        ) AS counted USING (step)
    )
    WHERE length(wait_steps) >= 1024
"""
# Figures of another zone are counted again from the log.
COUNT_AGAIN = "UPDATE reporting_logcursor SET zone = ''"


class Migration(migrations.Migration):
    """Rows of many waits have the number in each step instead of a byte for each wait."""

    dependencies = [
        ("reporting", "0012_proof_in_slices"),
    ]

    operations = [
        migrations.RunSQL(COUNT_STEPS.format(table=table), COUNT_AGAIN)
        for table in ("reporting_leadday", "reporting_handoffday")
    ]
