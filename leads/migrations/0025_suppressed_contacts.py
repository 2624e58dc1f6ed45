from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0024_event_by_recording")]

    operations = [
        migrations.AddIndex(
            "contact",
            models.Index(
                condition=models.Q(("suppressed_at", None), _negated=True),
                fields=["suppressed_at"],
                name="contact_suppressed",
            ),
        ),
    ]
