from django.db import migrations, models
from django.db.models import CASCADE


class Migration(migrations.Migration):
    """Drop indexes whose rows another one has: of the recipient, and of the start of a key.

    Databases of the product have the collation C, in which the unique index finds a start, too.
    """

    atomic = False
    dependencies = [("people", "0018_number_styles")]
    operations = [
        migrations.AlterField(
            "notice",
            "recipient",
            models.ForeignKey(
                "people.User", on_delete=CASCADE, related_name="notices", db_index=False
            ),
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS people_notice_key_2959c5df_like",
            migrations.RunSQL.noop,
        ),
    ]
