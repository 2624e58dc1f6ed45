from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Reverse

from core.folding import Folded, words_of


class Migration(migrations.Migration):
    """Index folded words instead of a stored column, which could only change under a long lock."""

    atomic = False
    dependencies = [("leads", "0027_event_that_takes_back")]
    operations = [
        AddIndexConcurrently(
            "company", GinIndex(words_of("name", "domain"), fastupdate=False, name="company_words")
        ),
        AddIndexConcurrently(
            "company", models.Index(Folded("name"), F("id"), name="company_by_folded_name")
        ),
        AddIndexConcurrently(
            "contact", GinIndex(words_of("name", "email"), fastupdate=False, name="contact_words")
        ),
        AddIndexConcurrently(
            "contact", models.Index(Folded("name"), F("id"), name="contact_by_folded_name")
        ),
        AddIndexConcurrently(
            "contact",
            models.Index(Reverse("phone"), condition=~Q(phone=None), name="contact_by_phone_end"),
        ),
        # The planner knows nothing of an expression before it has looked at the rows.
        migrations.RunSQL("ANALYZE leads_company, leads_contact", migrations.RunSQL.noop),
        RemoveIndexConcurrently("company", "company_search"),
        RemoveIndexConcurrently("contact", "contact_search"),
        migrations.RemoveField("company", "search"),
        migrations.RemoveField("contact", "search"),
    ]
