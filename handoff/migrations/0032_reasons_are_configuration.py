from django.db import migrations

TABLES = ["handoff_rejectionreason", "handoff_lossreason", "handoff_reversalreason"]


def watch(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER configuration_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION leads_configuration_changed()",
        f"DROP TRIGGER IF EXISTS configuration_changed ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("handoff", "0031_deadline_of_a_handoff")]
    operations = [watch(table) for table in TABLES]
