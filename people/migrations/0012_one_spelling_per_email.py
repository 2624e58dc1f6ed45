"""Store each email in its usual spelling, unless another account has that one already."""

import sys
from unicodedata import normalize

from django.db import migrations

OTHER_CHARACTERS = "[^ -~]"


def store_usual_spelling(apps, schema_editor):
    users = apps.get_model("people", "User").objects
    for user in users.filter(email__regex=OTHER_CHARACTERS).order_by("pk"):
        usual = normalize("NFKC", user.email).strip().lower()
        other = users.filter(email=usual).exclude(pk=user.pk).first()
        if other:
            sys.stderr.write(
                f"\nUser {user.pk} has the email of user {other.pk} in another spelling. Change "
                "one of the emails, or deactivate one of the users.\n"
            )
        else:
            users.filter(pk=user.pk).update(email=usual)


class Migration(migrations.Migration):
    dependencies = [("people", "0011_balances_add_up")]

    operations = [migrations.RunPython(store_usual_spelling, migrations.RunPython.noop)]
