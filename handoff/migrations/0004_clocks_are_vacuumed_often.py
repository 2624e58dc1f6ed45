from django.db import migrations

# After a burst of late clocks, an idle sweep would read their dead index entries again and again.
OFTEN = """
ALTER TABLE handoff_slaclock SET (
    autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 1000
)
"""
AS_USUAL = """
ALTER TABLE handoff_slaclock RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)
"""


class Migration(migrations.Migration):
    dependencies = [("handoff", "0003_history")]
    operations = [migrations.RunSQL(OFTEN, AS_USUAL)]
