"""The leads or handoffs behind a figure: the same filter that its rollup is counted with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Coalesce

from core.permissions import Right
from handoff.lead_access import visible_leads
from handoff.models import Rejection
from people.models import User
from reporting.queries.rollup_queries import Answers, Question, total
from reporting.queries.scope import BadScope, Key, Scope, read_scope
from reporting.registry.counters import AGES, Basis, Counter
from reporting.registry.dimensions import LABELS
from reporting.registry.metrics import METRICS, Metric
from reporting.rollups.build import ROLLUPS, Rollup


@dataclass(frozen=True)
class Drilldown:
    """One part of a metric, its numerator or its denominator, under some filters.

    `within` are the first days of each lead that count, or 0 for all.
    """

    metric: Metric
    part: str
    scope: Scope
    within: int = 0

    @property
    def counter(self) -> Counter:
        return self.metric.parts[self.part]

    @property
    def rollup(self) -> Rollup:
        return ROLLUPS[self.metric.basis]

    @property
    def where(self) -> Mapping[str, Key]:
        """Return the filters, without the one that narrows only the numerator."""
        if self.part == "denominator":
            return self.scope.widened(self.metric.narrowed_by).where
        return self.scope.where

    @property
    def person_field(self) -> str:
        return "owner" if self.metric.basis is Basis.LEADS else "user"

    @property
    def note(self) -> Combinable:
        """Return the rep's note on the rejection, for a lead that of the last one."""
        if self.metric.basis is Basis.HANDOFFS:
            return F("handoff__rejection__note")
        latest = Rejection.objects.filter(handoff__lead=OuterRef("lead")).order_by("-rejected_at")
        return Subquery(latest.values("note")[:1])

    def rows_with_notes(self, reader: User) -> QuerySet[Any]:
        """Return the rows with a `note`, except on leads that the reader may not open."""
        note: Expression = Coalesce(self.note, Value(""))
        rows = self.rows()
        if not reader.may(Right.SEE_EVERY_LEAD):
            # Looked up for each row that is shown: as a set, all leads would be read first.
            visible = visible_leads(reader).filter(pk=OuterRef("lead")).values("pk")
            rows = rows.alias(visible=Subquery(visible[:1]))
            note = Case(When(visible__isnull=False, then=note), default=Value(""))
        noted: QuerySet[Any] = rows.annotate(note=note)
        return noted

    def rows(self) -> QuerySet[Any]:
        """Return milestones, the latest day first."""
        period = self.scope.period
        where = {self.rollup.column(name): key for name, key in self.where.items()}
        milestones = self.rollup.milestones._default_manager
        return milestones.filter(
            self.counter.where, Q(day__range=(period.first, period.last)), **where
        ).order_by("-day", "-pk")

    def questions(self) -> list[Question]:
        """Return the question of the figure itself, if a rollup has these dimensions."""
        if self.rollup.grain_for(self.where) is None:
            return []
        return [Question(self.metric.basis, Scope(self.scope.period, self.where))]

    def number(self, answers: Answers) -> int:
        if not answers.tables:
            return self.rows().count()
        return int(total(answers.tables[0], basis=self.metric.basis)[self.counter.code])


def read_drilldown(parameters: Mapping[str, str], *, today: date) -> Drilldown:
    metric = METRICS.get(parameters.get("metric", "leads"))
    if metric is None:
        raise BadScope(f"There is no metric “{parameters['metric']}”.")
    part = parameters.get("part", "numerator")
    if part not in metric.parts:
        raise BadScope(f"{metric.name} has no “{part}”.")
    scope = read_scope(parameters, today=today)
    if unknown := sorted(set(scope.where) - set(ROLLUPS[metric.basis].dimensions)):
        raise BadScope(f"{metric.name} is not counted by {LABELS[unknown[0]].lower()}.")
    within = read_within(parameters.get("within", ""), metric)
    return Drilldown(metric.within(within) if within else metric, part, scope, within)


def read_within(text: str, metric: Metric) -> int:
    if not text:
        return 0
    if not metric.matures or text not in map(str, AGES):
        raise BadScope(f"{metric.name} is not counted within “{text[:20]}” days of a lead.")
    return int(text)


def rows_after(rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
    """Return the rows after the one that the cursor names."""
    day, _, number = cursor.partition("_")
    try:
        last, key = date.fromisoformat(day), int(number)
    except ValueError:
        raise BadScope("This page of the list does not exist. Start again at the top.") from None
    return rows.filter(Q(day__lt=last) | Q(day=last, pk__lt=key))


def cursor_of(row: Any) -> str:
    return f"{row.day}_{row.pk}"
