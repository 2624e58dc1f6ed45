from django.db import migrations

ADD = """
CREATE FUNCTION leads_ledger_total(ledger jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(SUM((line ->> 'points')::bigint), 0) FROM jsonb_array_elements(ledger) AS line
$$;
ALTER TABLE leads_leadscore ADD CONSTRAINT score_is_sum_of_its_ledger
    CHECK (total = leads_ledger_total(ledger));
"""
REMOVE = """
ALTER TABLE leads_leadscore DROP CONSTRAINT score_is_sum_of_its_ledger;
DROP FUNCTION leads_ledger_total(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial")]
    operations = [migrations.RunSQL(ADD, REMOVE)]
