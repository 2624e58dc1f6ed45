import django.contrib.postgres.indexes
from django.db import migrations

INDEXES = {"company": "company_search", "contact": "contact_search"}


def sorts_at_once(name: str) -> str:
    return f"""
        ALTER INDEX {name} SET (fastupdate = off);
        SELECT gin_clean_pending_list('{name}'::regclass);
    """


class Migration(migrations.Migration):
    dependencies = [("leads", "0005_versions_are_fixed")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(sorts_at_once(name), f"ALTER INDEX {name} RESET (fastupdate)")
                for name in INDEXES.values()
            ],
            state_operations=[
                operation
                for model, name in INDEXES.items()
                for operation in (
                    migrations.RemoveIndex(model, name),
                    migrations.AddIndex(
                        model,
                        django.contrib.postgres.indexes.GinIndex(
                            fields=["search"], fastupdate=False, name=name
                        ),
                    ),
                )
            ],
        )
    ]
