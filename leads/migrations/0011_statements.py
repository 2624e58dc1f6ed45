from django.db import migrations, models

ORIGINS_HELP = "When each value was stated, or who edited it."


def origins() -> models.JSONField:
    return models.JSONField(blank=True, default=dict, editable=False, help_text=ORIGINS_HELP)


class Migration(migrations.Migration):
    dependencies = [("leads", "0010_open_lead_by_company")]
    operations = [
        migrations.AddField("company", "origins", origins()),
        migrations.AddField("contact", "origins", origins()),
        migrations.AddField(
            "touch",
            "stated",
            models.JSONField(default=dict, help_text="Values about contact and company, by field."),
        ),
    ]
