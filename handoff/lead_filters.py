"""The filters of the leads list, the same on the page, in its address and in the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from html import escape
from typing import Any, ClassVar, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection
from django.utils import timezone
from django.utils.choices import BaseChoiceIterator
from django.utils.safestring import SafeString
from django_filters import CharFilter, ChoiceFilter, DateFilter, Filter, FilterSet, NumberFilter

from handoff.lead_access import answered_leads, returned_leads
from leads.configuration import STAMP_SQL, LeadConfiguration, configuration
from leads.models import Lead, LeadQuerySet, Temperature
from leads.search import LONGEST, search
from leads.stages import CHOICES as STAGES
from people.models import User

Choices = tuple[tuple[str, str], ...]
NONE: Final = "none"
ME: Final = "me"
BEFORE: Final = "before"
NUMBER: Final = {"type": "number", "min": 0, "max": 100}
DAY: Final = {"type": "date"}
# Far from the ends of the calendar, where the day before or after does not exist.
FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)

KNOWN_SQL: Final = f"""
SELECT 'owner', person.id, person.name FROM people_user AS person
WHERE person.is_active AND EXISTS (SELECT FROM people_membership WHERE user_id = person.id)
UNION ALL SELECT 'queue', team.id, team.name FROM people_team AS team WHERE team.is_active
UNION ALL SELECT 'stamp', {STAMP_SQL}, ''
ORDER BY 3, 2
"""  # noqa: S608  (no input in it)


@dataclass(frozen=True)
class Known:
    """What may be chosen: codes that operations define, and who holds leads."""

    OWN: ClassVar[Choices] = ((ME, "Me"), (BEFORE, "Me before"))

    config: LeadConfiguration
    owners: Choices
    queues: Choices

    @property
    def choices(self) -> Mapping[str, Choices]:
        """Of the filters whose choices are rows."""
        return {
            "owner": (*self.OWN, (NONE, "Nobody"), *self.owners),
            "queue": ((NONE, "None"), *self.queues),
            **{name: (*named(rows), (NONE, "Not known")) for name, rows in self.codes.items()},
        }

    @property
    def codes(self) -> Mapping[str, Mapping[str, Any]]:
        config = self.config
        return {
            "source": config.sources,
            "campaign": config.campaigns,
            "lead_type": config.lead_types,
        }


def read_known() -> Known:
    """Members of teams, the teams, and whether the configuration is the one we have."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_SQL)
        rows = cursor.fetchall()
    return Known(
        configuration.at(next(pk for kind, pk, _ in rows if kind == "stamp")),
        owners=tuple((str(pk), name) for kind, pk, name in rows if kind == "owner"),
        queues=tuple((str(pk), name) for kind, pk, name in rows if kind == "queue"),
    )


def named(rows: Mapping[str, Any]) -> Choices:
    names = ((code, row.name) for code, row in rows.items())
    return tuple(sorted(names, key=lambda pair: pair[1].casefold()))


class Offered(BaseChoiceIterator):
    """Choices that nobody changes: Django copies, and checks, any others for every request."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.choices)

    def __deepcopy__(self, memo: object) -> Offered:
        return self


class PlainSelect(forms.Select):
    """Written straight out: a template for each of hundreds of options would cost the page."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = as_attributes({"name": name, **self.attrs, **(attrs or {})})
        options = options_of(tuple(self.choices), str(value or ""))
        return SafeString(f"<select{given}>{options}</select>")


@lru_cache(maxsize=256)
def options_of(choices: Choices, chosen: str) -> str:
    return "".join(
        f'<option value="{escape(code)}"{" selected" if code == chosen else ""}>'
        f"{escape(label)}</option>"
        for code, label in choices
    )


class PlainInput(forms.TextInput):
    """Likewise."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = {"name": name, "value": self.format_value(value) or "", **self.attrs}
        return SafeString(f"<input{as_attributes({**given, **(attrs or {})})}>")


def as_attributes(given: Mapping[str, Any]) -> str:
    return "".join(f' {name}="{escape(str(value))}"' for name, value in given.items())


class DayInput(PlainInput):
    def format_value(self, value: Any) -> str:
        return value.isoformat() if isinstance(value, date) else str(value or "")


def choice(label: str, choices: Iterable[tuple[str, str]] = (), **rest: Any) -> ChoiceFilter:
    offered = Offered(tuple(choices))
    return ChoiceFilter(label=label, empty_label="Any", widget=PlainSelect, choices=offered, **rest)


def day_filter(label: str, method: str) -> DateFilter:
    words = f"Must lie between {FIRST_DAY.year} and {LAST_DAY.year}."
    bounds = [MinValueValidator(FIRST_DAY, words), MaxValueValidator(LAST_DAY, words)]
    return DateFilter(label=label, method=method, widget=DayInput(DAY), validators=bounds)


class LeadFilter(FilterSet):  # type: ignore[misc]  # it comes without types
    q = CharFilter(label="Search", method="by_words", max_length=LONGEST)
    open = choice("Open or closed", method="by_open", choices=[("yes", "Open"), ("no", "Closed")])
    stage = choice("Stage", choices=STAGES)
    owner = choice("Owner", method="by_owner")
    queue = choice("Queue", method="by_queue")
    source = choice("Source", method="by_code")
    campaign = choice("Campaign", method="by_code")
    lead_type = choice("Lead type", method="by_code")
    sent_back = choice("Sent back by sales", method="by_sent_back", choices=[("yes", "Yes")])
    temperature = choice("Temperature", choices=Temperature.choices)
    score_from = NumberFilter("score", "gte", label="Score from", widget=PlainInput(NUMBER))
    score_to = NumberFilter("score", "lte", label="Score to", widget=PlainInput(NUMBER))
    opened_from = day_filter("Opened from", "by_first_day")
    opened_to = day_filter("Opened to", "by_last_day")

    def __init__(self, data: Any, queryset: LeadQuerySet, *, user: User, known: Known) -> None:
        super().__init__(data, queryset)
        self.user = user
        self.known = known
        self.is_walked = False

    def get_form_class(self) -> type[forms.Form]:
        return form_offering(self.known)

    def by_words(self, leads: LeadQuerySet, _name: str, words: str) -> LeadQuerySet:
        found = search(leads, words)
        self.is_walked = found.is_walked
        return found.leads

    def by_open(self, leads: LeadQuerySet, _name: str, is_open: str) -> LeadQuerySet:
        return leads.open() if is_open == "yes" else leads.closed()

    def by_owner(self, leads: LeadQuerySet, _name: str, owner: str) -> LeadQuerySet:
        if owner == NONE:
            return leads.filter(owner=None)
        if owner == BEFORE:
            return answered_leads(leads, self.user).exclude(owner=self.user)
        return leads.filter(owner=self.user.pk if owner == ME else int(owner))

    def by_queue(self, leads: LeadQuerySet, _name: str, queue: str) -> LeadQuerySet:
        return leads.filter(queue=None if queue == NONE else int(queue))

    def by_code(self, leads: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        """By key, not by code: no join, and the index by source serves it."""
        return leads.filter(**{name: None if code == NONE else self.known.codes[name][code].pk})

    def by_sent_back(self, leads: LeadQuerySet, _name: str, _yes: str) -> LeadQuerySet:
        return returned_leads(leads)

    def by_first_day(self, leads: LeadQuerySet, _name: str, day: date) -> LeadQuerySet:
        return leads.filter(opened_at__gte=midnight(day))

    def by_last_day(self, leads: LeadQuerySet, _name: str, day: date) -> LeadQuerySet:
        return leads.filter(opened_at__lt=midnight(day + timedelta(days=1)))

    @property
    def in_use(self) -> list[tuple[str, str, str]]:
        """Name, label and value in words of each filter that narrows the list."""
        return [
            (name, str(field.label), in_words(field, self.form.cleaned_data[name]))
            for name, field in self.form.fields.items()
            if self.form.cleaned_data.get(name) not in (None, "")
        ]

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Filters that could not be read, and why; they narrow nothing."""
        return [
            (str(self.form.fields[name].label), str(messages[0]))
            for name, messages in self.form.errors.items()
        ]

    class Meta:
        model = Lead
        fields: Iterable[str] = ()


class Shared(dict[str, Any]):
    """What all requests read and none changes; Django would copy all of it for each."""

    def __deepcopy__(self, memo: object) -> dict[str, Any]:
        return dict(self)


class SharedFilters(dict[str, Filter]):
    """Of a filter only the filter set that it belongs to differs between requests."""

    def __deepcopy__(self, memo: object) -> dict[str, Filter]:
        return {name: copied(one) for name, one in self.items()}


def copied(one: Filter) -> Filter:
    its_own = object.__new__(type(one))
    its_own.__dict__.update(one.__dict__)
    its_own.method = one.method  # bound to the copy it is set on
    return its_own


LeadFilter.base_filters = SharedFilters(LeadFilter.base_filters)


@lru_cache(maxsize=4)
def form_offering(known: Known) -> type[forms.Form]:
    """The form of the filters, the same until something else can be chosen."""
    fields = {name: deepcopy(one.field) for name, one in LeadFilter.base_filters.items()}
    for name, choices in known.choices.items():
        fields[name].choices = Offered(choices)
    form = type("LeadFilterForm", (forms.Form,), {})
    form.base_fields = Shared(fields)  # type: ignore[attr-defined]
    return form


def midnight(day: date) -> datetime:
    """Its start where the reader is."""
    return timezone.make_aware(datetime.combine(day, time()))


def in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        known: Any = field.choices
        return next((str(label) for code, label in known if code == value), str(value))
    return f"{value.day} {value:%b %Y}" if isinstance(value, date) else str(value)
