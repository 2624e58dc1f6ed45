"""The page of the leads, or handoffs, behind a figure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.templatetags.formatting import count
from handoff.lead_access import visible_leads
from leads.models import Lead
from people.models import User
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.pages.components import Context, name_of
from reporting.pages.labels import HEADS, basis_of
from reporting.queries.drilldown import ROWS, Behind, mark_of, older_than
from reporting.queries.rollup_queries import Answers
from reporting.queries.scope import Scope
from reporting.registry.metrics import Basis


@dataclass(frozen=True)
class LeadRow:
    """Without `href` the reader may not open the lead, and its person stays unnamed."""

    name: str
    href: str
    company: str
    source: str
    stage: str
    owner: str
    at: datetime
    reason: str


def behind_page(
    behind: Behind, answers: Answers, *, number: int, reader: User, after: str
) -> Context:
    rows = behind.rows()
    leads = rows.select_related("lead__contact", "lead__company")
    shown = list((older_than(leads, after) if after else leads)[: ROWS + 1])
    has_more = len(shown) > ROWS
    open_to_reader = _open_to(reader, [row.lead_id for row in shown])
    return {
        "title": behind.counter.label,
        "number": count(number),
        "is_handoffs": behind.metric.basis is Basis.HANDOFFS,
        "parts": _parts(behind),
        "chips": [
            (f"{HEADS[name]}: {name_of(answers, name, key)}", _address(behind, without=name))
            for name, key in behind.where.items()
        ],
        "clear_href": _address(replace(behind, scope=Scope(behind.scope.period))),
        "rows": [_row(row, answers, open_to_reader) for row in shown[:ROWS]],
        "older_href": _address(behind, after=mark_of(shown[ROWS - 1])) if has_more else "",
        "top_href": _address(behind) if after else "",
        "csv_href": _address(behind, format="csv"),
        "fresh_as_of": answers.counted_at,
        "basis": basis_of([behind.metric.basis]),
        "versions": [(behind.metric.name, behind.metric.version)],
        "metric": behind.metric,
        "period": behind.scope.period,
    }


def _open_to(reader: User, leads: list[int]) -> set[int]:
    return set(visible_leads(reader).filter(pk__in=leads).values_list("pk", flat=True))


def _row(row: Any, answers: Answers, open_to_reader: Collection[int]) -> LeadRow:
    lead: Lead = row.lead
    may_open = lead.pk in open_to_reader
    return LeadRow(
        name=str(lead.contact) if may_open else str(lead),
        href=lead.get_absolute_url() if may_open else "",
        company=str(lead.company or "") if may_open else "",
        source=name_of(answers, "source", row.source_id),
        stage=lead.stage,
        owner=name_of(answers, "owner", lead.owner_id) if lead.owner_id else "",
        at=row.offered_at if isinstance(row, HandoffMilestones) else row.opened_at,
        reason=answers.name("reason", _reason(row)) or "",
    )


def _reason(row: LeadMilestones | HandoffMilestones) -> str:
    return row.reason if isinstance(row, HandoffMilestones) else row.last_reason


def _parts(behind: Behind) -> list[tuple[str, str, bool]]:
    """Links between the two counts of a rate."""
    return [
        (_part_name(behind, part), _address(replace(behind, part=part)), part == behind.part)
        for part in behind.metric.parts
    ]


def _part_name(behind: Behind, part: str) -> str:
    narrowed_by = behind.metric.narrowed_by
    if narrowed_by and part == "denominator":
        return f"All {HEADS[narrowed_by].lower()}s"
    return behind.metric.parts[part].label


def _address(behind: Behind, without: str = "", **more: str) -> str:
    scope = behind.scope.widened(without) if without else behind.scope
    query = scope.query(metric=behind.metric.code, part=behind.part, **more)
    return f"{reverse('reporting:leads')}?{query}"
