from django.db import migrations

# Tables of both floors that hold configuration; handoff's own follow in its migration.
TABLES = [
    "leads_source",
    "leads_campaign",
    "leads_leadtype",
    "leads_scoringmodel",
    "leads_scoringgroup",
    "leads_scoringcriterion",
    "people_team",
    "people_workcalendar",
]

CREATE = """
CREATE SEQUENCE leads_configuration_stamp;
CREATE TABLE leads_configuration (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    stamp bigint NOT NULL
);
CREATE FUNCTION leads_configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_configuration (stamp) VALUES (nextval('leads_configuration_stamp'))
    ON CONFLICT (is_only) DO UPDATE SET stamp = nextval('leads_configuration_stamp');
    RETURN NULL;
END $$;
"""
DROP = """
DROP FUNCTION leads_configuration_changed() CASCADE;
DROP TABLE leads_configuration;
DROP SEQUENCE leads_configuration_stamp;
"""


def watch(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER configuration_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION leads_configuration_changed()",
        f"DROP TRIGGER IF EXISTS configuration_changed ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_score_adds_up")]
    operations = [migrations.RunSQL(CREATE, DROP), *[watch(table) for table in TABLES]]
