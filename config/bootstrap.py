"""Create the defaults that an installation needs before its first lead."""

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
    """Create missing defaults, leaving edited ones alone, and return their names.

    The lock lets two runs follow each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('bootstrap'))")
    return [
        *ensure_people(at=at),
        *ensure_leads(at=at),
        *ensure_handoff(at=at),
        *ensure_api(),
        *ensure_reasons(),
    ]
