from django.db import migrations


class Migration(migrations.Migration):
    """Drop the indexes that Django adds to a unique text for searches by its start.

    Databases of the product have the collation C, in which the unique index finds a start, too.
    """

    atomic = False
    dependencies = [("leads", "0036_fewer_indexes_of_leads")]
    operations = [
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS leads_contact_email_afe1db96_like",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS leads_company_domain_da8532c5_like",
            migrations.RunSQL.noop,
        ),
    ]
