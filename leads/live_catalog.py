"""Add sources, campaigns and lead types to the field catalog as choices."""

from typing import Final

from core.criteria.fields import Catalog, with_choices
from core.raw_sql import fetch_rows
from leads.field_catalog import CATALOG

CHOICES_SQL: Final = """
SELECT
    ARRAY(SELECT ARRAY[code, name] FROM leads_leadtype ORDER BY position, id),
    ARRAY(SELECT ARRAY[code, name] FROM leads_source ORDER BY name),
    ARRAY(SELECT ARRAY[code, name] FROM leads_campaign ORDER BY name)
"""


def live_catalog() -> Catalog:
    ((lead_types, sources, campaigns),) = fetch_rows(CHOICES_SQL)
    return with_choices(
        CATALOG,
        lead_types=map(tuple, lead_types),
        sources=map(tuple, sources),
        campaigns=map(tuple, campaigns),
    )
