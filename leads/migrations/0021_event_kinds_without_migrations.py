from django.db import migrations, models

import leads.models.log


class Migration(migrations.Migration):
    dependencies = [("leads", "0020_new_request_event")]

    operations = [
        migrations.AlterField(
            "leadevent",
            "kind",
            models.CharField(choices=leads.models.log.event_kinds, max_length=20),
        ),
    ]
