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
            "is_repeat",
            models.BooleanField(
                default=False,
                help_text="The same action again within minutes, which does not count.",
            ),
        ),
        migrations.AlterField(
            "lead",
            "signals",
            models.JSONField(
                default=dict,
                help_text='Touches of this lead by kind: {"demo_request": {count, last, what}}.',
            ),
        ),
        migrations.AddField(
            "touch",
            "stated",
            models.JSONField(default=dict, help_text="Values about contact and company, by field."),
        ),
    ]
