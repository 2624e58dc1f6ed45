"""Store sessions with their users. Whoever is signed in stays signed in."""

from itertools import islice

import django.db.models.deletion
from django.conf import settings
from django.core import signing
from django.db import migrations, models
from django.utils import timezone

BATCH = 1000
SALT = "django.contrib.sessions.SessionStore"


def move_sessions(apps, schema_editor):
    users = set(apps.get_model("people", "User").objects.values_list("pk", flat=True))
    former = apps.get_model("sessions", "Session").objects.all()
    session = apps.get_model("people", "Session")
    now = timezone.now()
    moved = (
        session(
            session_key=row.session_key,
            session_data=row.session_data,
            expire_date=row.expire_date,
            user_id=user_id,
            seen_at=now,
        )
        for row in former.filter(expire_date__gt=now).iterator(BATCH)
        if (user_id := user_of(row.session_data)) in users
    )
    while batch := list(islice(moved, BATCH)):
        session.objects.bulk_create(batch)
    former.delete()


def user_of(session_data):
    try:
        return int(signing.loads(session_data, salt=SALT).get("_auth_user_id") or 0)
    except signing.BadSignature:
        return 0


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0013_cover_of_time_off"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("seen_at", models.DateTimeField(help_text="When it was last used, to the hour.")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.RunPython(move_sessions, migrations.RunPython.noop),
    ]
