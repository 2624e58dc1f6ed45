from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OLD, NEW = "Weekdays 9 to 17 UTC", "Weekdays 9 AM to 5 PM UTC"


def rename(apps: Apps, old: str, new: str) -> None:
    calendars = apps.get_model("people", "WorkCalendar").objects
    if not calendars.filter(name=new).exists():
        calendars.filter(name=old).update(name=new)


def to_new(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rename(apps, OLD, NEW)


def to_old(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rename(apps, NEW, OLD)


class Migration(migrations.Migration):
    """Name the default calendar as new installations do."""

    dependencies = [("people", "0006_wording")]

    operations = [migrations.RunPython(to_new, to_old)]
