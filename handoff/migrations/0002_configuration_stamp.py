from django.db import migrations

TABLES = ["handoff_ruleset", "handoff_slapolicy", "handoff_slatarget"]


def watch(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER configuration_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION leads_configuration_changed()",
        f"DROP TRIGGER IF EXISTS configuration_changed ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("handoff", "0001_initial"), ("leads", "0003_configuration_stamp")]
    operations = [watch(table) for table in TABLES]
