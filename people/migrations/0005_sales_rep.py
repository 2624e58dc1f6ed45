from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def rename(old: str, new: str, apps: Apps) -> None:
    groups = apps.get_model("auth", "Group").objects
    if not groups.filter(name=new).exists():
        groups.filter(name=old).update(name=new)


def to_sales_rep(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rename("Seller", "Sales rep", apps)


def to_seller(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rename("Sales rep", "Seller", apps)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0004_absence_ends_after_it_starts"),
    ]

    operations = [migrations.RunPython(to_sales_rep, to_seller)]
