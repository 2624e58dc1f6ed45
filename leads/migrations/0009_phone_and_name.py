import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 2_000


def person_key(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"\w+", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return " ".join(sorted(words))


def add_name_keys(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    contacts = apps.get_model("leads", "Contact").objects
    named: Iterable[Any] = contacts.exclude(name="").only("name").iterator(BATCH)
    batch = []
    for contact in named:
        contact.name_key = person_key(contact.name)
        batch.append(contact)
        if len(batch) == BATCH:
            contacts.bulk_update(batch, ["name_key"])
            batch = []
    contacts.bulk_update(batch, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [("leads", "0008_wording")]
    operations = [
        migrations.AddField(
            "contact",
            "name_key",
            models.CharField(blank=True, default="", editable=False, max_length=400),
            preserve_default=False,
        ),
        migrations.AddField(
            "contact",
            "phone_extension",
            models.CharField("extension", blank=True, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.RunPython(add_name_keys, migrations.RunPython.noop),
    ]
