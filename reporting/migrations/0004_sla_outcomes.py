from django.db import migrations, models

NEW_NAMES = {"answer_promise": "response_sla", "contact_promise": "contact_sla"}
VALUES = {"kept": "met", "missed": "breached"}
CHOICES = [("met", "Met"), ("breached", "Breached")]


def rename_values(table: str, column: str) -> migrations.RunSQL:
    def update(values: dict[str, str]) -> str:
        cases = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in values.items())
        return f"UPDATE {table} SET {column} = CASE {column} {cases} END WHERE {column} <> ''"

    return migrations.RunSQL(
        update(VALUES), update({new: old for old, new in VALUES.items()})
    )


class Migration(migrations.Migration):
    """Name the outcomes of SLAs as everything else does: met or breached."""

    dependencies = [("reporting", "0003_counters_in_one_column")]
    operations = [
        operation
        for model in ("leadmilestones", "handoffmilestones")
        for old, new in NEW_NAMES.items()
        for operation in (
            migrations.RenameField(model, old, new),
            migrations.AlterField(
                model, new, models.CharField(blank=True, choices=CHOICES, max_length=8)
            ),
            rename_values(f"reporting_{model}", new),
        )
    ]
