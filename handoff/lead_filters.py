"""Filters of the leads list, shared by the page and the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Final, NamedTuple

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.choices import flatten_choices
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, NumberFilter

from core.days import start_of
from core.formatting import date_text
from core.raw_sql import BoundQuery, Row
from handoff.lead_access import answered_leads
from handoff.suppression import asking_leads
from leads.configuration import STAMP_SQL, LeadConfiguration, configuration
from leads.models import Lead, LeadQuerySet, Temperature
from leads.search import MAX_LENGTH, IsOneOf, search
from leads.stages import CHOICES as STAGES
from people.availability import may_answer_sql
from people.models import User

Choices = tuple[tuple[str, str], ...]
Grouped = tuple[tuple[str, str | Choices], ...]
NONE: Final = "none"
ME: Final = "me"
PREVIOUSLY_MINE: Final = "before"
# Former names of filters, which saved addresses and API clients still send.
RENAMED: Final[Mapping[str, str]] = {"sent_back": "returned"}
# Read through an index, as far as the page goes. The others read leads in the order of the list
# until a page is full, and all of them for a value that is rare.
INDEXED: Final = frozenset(
    {"q", "stage", "owner", "queue", "source", "campaign", "returned", "opened_from", "opened_to"}
)
# Served by no index at all, not even for a few values.
SCANNED: Final = frozenset({"open", "lead_type", "temperature"})
# Dates outside this range overflow when a day is added or subtracted.
FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)
MAX_SCORE: Final = 100

# Without parameters, so that PostgreSQL plans it once. OFFSET makes it check rights once a person,
# and only for the others it looks for leads.
CHOICES_SQL: Final = f"""
SELECT CASE WHEN is_able THEN 'owner' ELSE 'former_owner' END, person.id::text, person.name
FROM (
    SELECT id, name, is_active AND {may_answer_sql("people_user.id")} AS is_able
    FROM people_user OFFSET 0
) AS person
WHERE is_able AND EXISTS (SELECT FROM people_membership WHERE user_id = person.id)
    OR EXISTS (SELECT FROM leads_lead WHERE owner_id = person.id)
UNION ALL SELECT 'queue', team.id::text, team.name FROM people_team AS team WHERE team.is_active
UNION ALL SELECT 'reason', code, label FROM handoff_rejectionreason WHERE is_active
UNION ALL SELECT 'stamp', ({STAMP_SQL})::text, ''
ORDER BY 3, 2
"""  # noqa: S608  (no input in it)


@dataclass(frozen=True)
class FilterChoices:
    """The choices that are rows of the database; a lead is disqualified with a reason."""

    OWN: ClassVar[Choices] = ((ME, "Me"), (PREVIOUSLY_MINE, "Previously mine"))

    config: LeadConfiguration
    owners: Choices
    former_owners: Choices
    queues: Choices
    reasons: Choices

    @cached_property
    def by_filter(self) -> Mapping[str, Grouped]:
        former: Grouped = (("Former", self.former_owners),) if self.former_owners else ()
        return {
            "owner": (*self.OWN, (NONE, "No owner"), *self.owners, *former),
            "queue": ((NONE, "No queue"), *self.queues),
            **{name: (*named(rows), (NONE, "Unknown")) for name, rows in self.codes.items()},
        }

    @property
    def codes(self) -> Mapping[str, Mapping[str, Any]]:
        config = self.config
        return {
            "source": config.sources,
            "campaign": config.campaigns,
            "lead_type": config.lead_types,
        }


def read_filter_choices() -> FilterChoices:
    return filter_choices_query().fetch()[0]


def filter_choices_query() -> BoundQuery[FilterChoices]:
    """Read team members, teams, reasons and the configuration in one statement."""
    return BoundQuery(CHOICES_SQL, (), lambda rows: [choices_from(rows)])


def choices_from(rows: list[Row]) -> FilterChoices:
    return FilterChoices(
        configuration.at(next(int(code) for kind, code, _ in rows if kind == "stamp")),
        **{
            f"{wanted}s": tuple((code, name) for kind, code, name in rows if kind == wanted)
            for wanted in ("owner", "former_owner", "queue", "reason")
        },
    )


def named(rows: Mapping[str, Any]) -> Choices:
    names = ((code, row.name) for code, row in rows.items())
    return tuple(sorted(names, key=lambda pair: pair[1].casefold()))


def choice(label: str, choices: Iterable[tuple[str, str]] = (), **rest: Any) -> ChoiceFilter:
    return ChoiceFilter(label=label, empty_label="Any", choices=tuple(choices), **rest)


def day_filter(label: str, method: str) -> DateFilter:
    message = f"Choose a day between {FIRST_DAY.year} and {LAST_DAY.year}."
    bounds = [MinValueValidator(FIRST_DAY, message), MaxValueValidator(LAST_DAY, message)]
    widget = forms.DateInput(attrs={"type": "date"})
    return DateFilter(label=label, method=method, widget=widget, validators=bounds)


def score_filter(label: str, lookup: str) -> NumberFilter:
    message = f"Enter a number between 0 and {MAX_SCORE}."
    bounds = [MinValueValidator(0, message), MaxValueValidator(MAX_SCORE, message)]
    widget = forms.NumberInput(attrs={"min": 0, "max": MAX_SCORE, "step": "any"})
    return NumberFilter("score", lookup, label=label, widget=widget, validators=bounds)


def with_current_names(params: QueryDict) -> QueryDict:
    """Return the parameters with former filter names replaced by their current ones."""
    if not any(name in params for name in RENAMED):
        return params
    renamed = params.copy()
    for former, current in RENAMED.items():
        if former in renamed:
            renamed.setlistdefault(current, renamed.pop(former))
    return renamed


class FilterInput(NamedTuple):
    name: str
    label: str
    value: str
    is_invalid: bool
    choices: Grouped
    widget: forms.Widget | None


class LeadFilter(FilterSet):  # type: ignore[misc]  # it comes without types
    base_filters: dict[str, Any]  # all filters of the class; of an instance, those in use
    q = CharFilter(label="Search", method="by_words", max_length=MAX_LENGTH)
    open = choice("Status", method="by_open", choices=[("yes", "Open"), ("no", "Closed")])
    stage = choice("Stage", choices=STAGES)
    owner = choice("Owner", method="by_owner")
    queue = choice("Queue", method="by_queue")
    source = choice("Source", method="by_code")
    campaign = choice("Campaign", method="by_code")
    lead_type = choice("Lead type", method="by_code")
    returned = choice("Returned by sales", method="by_returned", choices=[("yes", "Yes")])
    suppressed = choice(
        "Suppressed",
        method="by_suppressed",
        choices=[("asking", "Asking for sales"), ("yes", "Yes"), ("no", "No")],
    )
    temperature = choice("Temperature", choices=Temperature.choices)
    score_from = score_filter("Score from", "gte")
    score_to = score_filter("Score to", "lte")
    opened_from = day_filter("Opened from", "by_first_day")
    opened_to = day_filter("Opened to", "by_last_day")

    def __init__(
        self, data: Any, queryset: LeadQuerySet, *, user: User, choices: FilterChoices
    ) -> None:
        # Copying and validating those not in the address takes longer than the query.
        used = {name: item for name, item in self.base_filters.items() if data.get(name)}
        self.base_filters = used
        super().__init__(data, queryset)
        self.user = user
        self.choices = choices
        self.has_many_matches = False
        for name, pairs in choices.by_filter.items():
            if name in used:
                self.filters[name].extra["choices"] = pairs

    @property
    def form(self) -> forms.Form:
        """Build the form of the filters in use, without the copies of choices that Form makes."""
        if not hasattr(self, "_form"):
            self._form = forms.Form(self.data)
            self._form.fields = {name: item.field for name, item in self.filters.items()}
        return self._form

    @property
    def inputs(self) -> dict[str, FilterInput]:
        """Return what the page shows for each filter, in use or not."""
        choices = self.choices.by_filter
        return {
            name: FilterInput(
                name,
                item.label,
                self.data.get(name, ""),
                name in self.form.errors,
                choices.get(name, item.extra.get("choices", ())),
                item.extra.get("widget"),
            )
            for name, item in type(self).base_filters.items()
        }

    def by_words(self, leads: LeadQuerySet, _name: str, words: str) -> LeadQuerySet:
        result = search(leads, words)
        self.has_many_matches = result.has_many_matches
        return result.leads

    def by_open(self, leads: LeadQuerySet, _name: str, is_open: str) -> LeadQuerySet:
        return leads.open() if is_open == "yes" else leads.closed()

    def by_owner(self, leads: LeadQuerySet, _name: str, owner: str) -> LeadQuerySet:
        if owner == NONE:
            return leads.filter(owner=None)
        if owner == PREVIOUSLY_MINE:
            return answered_leads(leads, self.user).exclude(owner=self.user)
        return leads.filter(owner=self.user.pk if owner == ME else int(owner))

    def by_queue(self, leads: LeadQuerySet, _name: str, queue: str) -> LeadQuerySet:
        return leads.filter(queue=None if queue == NONE else int(queue))

    def by_code(self, leads: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        """Filter by key, not by code: it needs no join, and an index serves it."""
        return leads.filter(**{name: None if code == NONE else self.choices.codes[name][code].pk})

    def by_returned(self, leads: LeadQuerySet, _name: str, _yes: str) -> LeadQuerySet:
        """Read those that wait from their index, as they may be far down in the order of a list."""
        return leads.filter(IsOneOf("pk", ArraySubquery(Lead.objects.to_complete().values("pk"))))

    def by_suppressed(self, leads: LeadQuerySet, _name: str, value: str) -> LeadQuerySet:
        if value == "asking":
            return asking_leads(leads)
        return leads.filter(contact__suppressed_at__isnull=value == "no")

    def by_first_day(self, leads: LeadQuerySet, _name: str, day: date) -> LeadQuerySet:
        return leads.filter(opened_at__gte=start_of(day))

    def by_last_day(self, leads: LeadQuerySet, _name: str, day: date) -> LeadQuerySet:
        return leads.filter(opened_at__lt=start_of(day + timedelta(days=1)))

    @property
    def is_scanned(self) -> bool:
        """Return whether all leads are read if few match."""
        return not (SCANNED.isdisjoint(self.filters) or self.has_many_matches)

    @property
    def is_empty(self) -> bool:
        return not self.filters

    @property
    def is_search(self) -> bool:
        return "q" in self.filters

    @property
    def to_count(self) -> LeadQuerySet:
        """Return the leads in an order that makes PostgreSQL stop reading when it has enough.

        For a score, it would otherwise read all entries of the index that match. With a filter that
        no index serves, the leads of the highest score may all be others.
        """
        leads: LeadQuerySet = self.qs
        if self.is_scanned:
            return leads.order_by("-opened_at", "-pk")
        has_score = any(name in self.filters for name in ("score_from", "score_to"))
        return leads.order_by("-score", "-pk") if has_score else leads

    @property
    def without_index(self) -> list[str]:
        """Return the labels of the filters that no index serves."""
        return [item.label for name, item in type(self).base_filters.items() if name not in INDEXED]

    @property
    def shows_suppressed(self) -> bool:
        """Return whether all leads of the list have suppressed contacts."""
        values = self.form.cleaned_data if self.form.is_valid() else {}
        return values.get("suppressed") in ("yes", "asking")

    @property
    def in_use(self) -> list[tuple[str, str, str]]:
        """Return name, label and displayed value of each filter in use."""
        return [
            (name, str(field.label), display_value(field, self.form.cleaned_data[name]))
            for name, field in self.form.fields.items()
            if self.form.cleaned_data.get(name) not in (None, "")
        ]

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Return label and message of each invalid filter; invalid filters are ignored."""
        return [
            (str(self.form.fields[name].label), str(messages[0]))
            for name, messages in self.form.errors.items()
        ]

    class Meta:
        model = Lead
        fields: Iterable[str] = ()


def display_value(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        labels = dict(flatten_choices(choices))
        return str(labels.get(value, value))
    return date_text(value) if isinstance(value, date) else str(value)
