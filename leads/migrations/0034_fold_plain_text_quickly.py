from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F

from core.folding import Folded, words_of


class Migration(migrations.Migration):
    """Index what the quicker folding returns: the same words, by another expression."""

    atomic = False
    dependencies = [("leads", "0033_filters_of_the_leads_list")]
    operations = [
        AddIndexConcurrently(
            "company",
            GinIndex(words_of("name", "domain"), fastupdate=False, name="company_by_words"),
        ),
        AddIndexConcurrently(
            "company", models.Index(Folded("name"), F("id"), name="company_by_name")
        ),
        AddIndexConcurrently(
            "contact",
            GinIndex(words_of("name", "email"), fastupdate=False, name="contact_by_words"),
        ),
        AddIndexConcurrently(
            "contact", models.Index(Folded("name"), F("id"), name="contact_by_name")
        ),
        # The planner knows nothing of an expression before it has looked at the rows.
        migrations.RunSQL("ANALYZE leads_company, leads_contact", migrations.RunSQL.noop),
        RemoveIndexConcurrently("company", "company_words"),
        RemoveIndexConcurrently("company", "company_by_folded_name"),
        RemoveIndexConcurrently("contact", "contact_words"),
        RemoveIndexConcurrently("contact", "contact_by_folded_name"),
    ]
