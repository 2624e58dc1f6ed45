"""The page of the leads or handoffs behind a figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from core.formatting import count_text
from handoff.lead_access import visible_leads
from leads.external_ids import external_ids_of
from leads.models import Company, Lead
from people.models import User
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.pages.components import Context, label_of
from reporting.pages.labels import basis_label, key_label, page_address, period_label
from reporting.queries.drilldown import Drilldown, cursor_of, rows_after
from reporting.queries.rollup_queries import PERSONAL, Answers
from reporting.queries.scope import Key, Scope
from reporting.registry.counters import Basis
from reporting.registry.dimensions import LABELS

PAGE_SIZE: Final = 50


@dataclass(frozen=True)
class DrilldownRow:
    """Without `href` the reader may not open the lead, and its contact is not named."""

    name: str
    href: str
    company: Company | None
    source: str
    source_id: int | None
    stage: str
    owner: User | None
    at: datetime
    reason: str
    note: str


def drilldown_page(drilldown: Drilldown, answers: Answers, *, reader: User, after: str) -> Context:
    rows = (
        drilldown.rows_with_notes(reader)
        .select_related("lead__contact", "lead__company", "lead__owner", drilldown.person_field)
        .annotate(external_ids=external_ids_of("lead__contact_id"))
    )
    page = list((rows_after(rows, after) if after else rows)[: PAGE_SIZE + 1])
    shown, has_more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    for row in shown:
        row.lead.contact.external_id = next(iter(row.external_ids), "")
    visible = _visible_to(reader, [row.lead_id for row in shown])
    return {
        "title": drilldown.counter.label,
        "number": count_text(drilldown.number(answers)),
        "is_handoffs": drilldown.metric.basis is Basis.HANDOFFS,
        "parts": _part_choices(drilldown),
        "chips": _chips(drilldown, answers, shown),
        "clear_href": _address(replace(drilldown, scope=Scope(drilldown.scope.period))),
        "rows": [_row(row, answers, visible) for row in shown],
        "older_href": _address(drilldown, after=cursor_of(shown[-1])) if has_more else "",
        "top_href": _address(drilldown) if after else "",
        "csv_href": _address(drilldown, format="csv"),
        "fresh_as_of": answers.counted_at,
        "basis": basis_label([drilldown.metric.basis]),
        "versions": [(drilldown.metric.name, drilldown.metric.version)],
        "metric": drilldown.metric,
        "days": period_label(drilldown.scope.period),
    }


def _visible_to(reader: User, leads: list[int]) -> set[int]:
    return set(visible_leads(reader).filter(pk__in=leads).values_list("pk", flat=True))


def _row(row: Any, answers: Answers, visible: Collection[int]) -> DrilldownRow:
    lead: Lead = row.lead
    may_open = lead.pk in visible
    return DrilldownRow(
        name=str(lead.contact) if may_open else str(lead),
        href=lead.get_absolute_url() if may_open else "",
        company=lead.company if may_open else None,
        source=label_of(answers, "source", row.source_id),
        source_id=row.source_id,
        stage=lead.stage,
        owner=lead.owner,
        at=row.offered_at if isinstance(row, HandoffMilestones) else row.opened_at,
        reason=answers.name("reason", _reason(row)) or "",
        note=row.note if may_open else "",
    )


def _reason(row: LeadMilestones | HandoffMilestones) -> str:
    return row.reason if isinstance(row, HandoffMilestones) else row.last_reason


def _chips(drilldown: Drilldown, answers: Answers, rows: Sequence[Any]) -> list[tuple[str, str]]:
    """Return the filters in use, each with the address without it."""
    chips = []
    for name, key in drilldown.where.items():
        if name in PERSONAL:
            label = key_label(name, key, _names_of_people(drilldown, key, rows))
        else:
            label = label_of(answers, name, key)
        chips.append((f"{LABELS[name]}: {label}", _address(drilldown, without=name)))
    return chips


def _names_of_people(drilldown: Drilldown, key: Key, rows: Sequence[Any]) -> Mapping[Key, str]:
    """Return the name of the person of the rows, from the rows themselves if there are any."""
    people = (getattr(row, drilldown.person_field) for row in rows[:1])
    names = {person.pk: person.name for person in people if person}
    if names or key is None:
        return names
    return dict(User.objects.filter(pk=key).values_list("pk", "name"))


def _part_choices(drilldown: Drilldown) -> list[tuple[str, str, bool]]:
    """Return links to the two counts of a rate."""
    return [
        (
            _part_label(drilldown, part),
            _address(replace(drilldown, part=part)),
            part == drilldown.part,
        )
        for part in drilldown.metric.parts
    ]


def _part_label(drilldown: Drilldown, part: str) -> str:
    narrowed_by = drilldown.metric.narrowed_by
    if narrowed_by and part == "denominator":
        return f"All {LABELS[narrowed_by].lower()}s"
    return drilldown.metric.parts[part].label


def _address(drilldown: Drilldown, without: str = "", **parameters: str) -> str:
    scope = drilldown.scope.widened(without) if without else drilldown.scope
    if drilldown.within:
        parameters["within"] = str(drilldown.within)
    query = scope.query(metric=drilldown.metric.code, part=drilldown.part, **parameters)
    return f"{page_address('leads')}?{query}"
