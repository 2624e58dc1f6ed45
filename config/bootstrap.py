"""Everything an installation needs before the first lead; what operations edited is left alone."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from api.defaults import ensure_api
from handoff.answers.reasons import ensure_reasons
from handoff.defaults import ensure_handoff
from leads.defaults import ensure_leads
from people.defaults import ensure_people


@transaction.atomic
def bootstrap(*, at: datetime) -> list[str]:
    """Create what is missing and say what that was; a second run at once waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('bootstrap'))")
    return [
        *ensure_people(at=at),
        *ensure_leads(at=at),
        *ensure_handoff(at=at),
        *ensure_api(),
        *ensure_reasons(),
    ]
