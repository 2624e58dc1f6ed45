"""The filters of the leads list, the same on the page, in its address and in the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from typing import Any, Final

from django import forms
from django.db import connection
from django.utils import timezone
from django.utils.safestring import SafeString
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, NumberFilter

from leads.configuration import LeadConfiguration
from leads.models import Lead, Temperature
from leads.querysets import LeadQuerySet
from leads.search import LONGEST, search
from leads.stages import CHOICES as STAGES
from people.models import User

Choices = list[tuple[str, str]]
NONE: Final = "none"
ME: Final = "me"
NUMBER: Final = {"type": "number", "min": 0, "max": 100}
DAY: Final = {"type": "date"}


HOLDERS_SQL: Final = """
SELECT 'owner', person.id, person.name FROM people_user AS person
WHERE person.is_active AND EXISTS (SELECT FROM people_membership WHERE user_id = person.id)
UNION ALL SELECT 'queue', team.id, team.name FROM people_team AS team WHERE team.is_active
ORDER BY 3, 2
"""


@dataclass(frozen=True)
class Known:
    """What may be chosen: codes that operations define, and who holds leads."""

    config: LeadConfiguration
    owners: Choices
    queues: Choices


def read_known(config: LeadConfiguration) -> Known:
    """Members of teams and the teams, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS_SQL)
        rows = cursor.fetchall()
    return Known(
        config,
        owners=[(str(pk), name) for kind, pk, name in rows if kind == "owner"],
        queues=[(str(pk), name) for kind, pk, name in rows if kind == "queue"],
    )


class PlainSelect(forms.Select):
    """Written straight out: a template for each of hundreds of options would cost the page."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        options = "".join(
            f'<option value="{escape(str(code))}"{" selected" if code == value else ""}>'
            f"{escape(str(label))}</option>"
            for code, label in list(self.choices)
        )
        given = as_attributes({"name": name, **self.attrs, **(attrs or {})})
        return SafeString(f"<select{given}>{options}</select>")


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


def choice(label: str, **rest: Any) -> ChoiceFilter:
    return ChoiceFilter(label=label, empty_label="Any", widget=PlainSelect, **rest)


class LeadFilter(FilterSet):  # type: ignore[misc]  # it comes without types
    q = CharFilter(label="Search", method="by_words", max_length=LONGEST)
    open = choice("Open or closed", method="by_open", choices=[("yes", "Open"), ("no", "Closed")])
    stage = choice("Stage", choices=STAGES)
    owner = choice("Owner", method="by_owner")
    queue = choice("Queue", method="by_queue")
    source = choice("Source", method="by_code")
    campaign = choice("Campaign", method="by_code")
    lead_type = choice("Lead type", method="by_code")
    temperature = choice("Temperature", choices=Temperature.choices)
    score_from = NumberFilter("score", "gte", label="Score from", widget=PlainInput(NUMBER))
    score_to = NumberFilter("score", "lte", label="Score to", widget=PlainInput(NUMBER))
    opened_from = DateFilter(label="Opened from", method="by_first_day", widget=DayInput(DAY))
    opened_to = DateFilter(label="Opened to", method="by_last_day", widget=DayInput(DAY))

    def __init__(self, data: Any, queryset: LeadQuerySet, *, user: User, known: Known) -> None:
        super().__init__(data, queryset)
        self.user = user
        config = known.config
        self.codes: dict[str, Mapping[str, Any]] = {
            "source": config.sources,
            "campaign": config.campaigns,
            "lead_type": config.lead_types,
        }
        for name, rows in self.codes.items():
            named = sorted(((code, row.name) for code, row in rows.items()), key=second)
            self.offer(name, [*named, (NONE, "Not known")])
        self.offer("owner", [(ME, "Me"), (NONE, "Nobody"), *known.owners])
        self.offer("queue", [(NONE, "None"), *known.queues])

    def offer(self, name: str, choices: Choices) -> None:
        """As a function: the form would copy a list of hundreds deeply, for every request."""
        self.filters[name].extra["choices"] = lambda: choices

    def by_words(self, leads: LeadQuerySet, _name: str, words: str) -> LeadQuerySet:
        return search(leads, words)

    def by_open(self, leads: LeadQuerySet, _name: str, is_open: str) -> LeadQuerySet:
        return leads.open() if is_open == "yes" else leads.closed()

    def by_owner(self, leads: LeadQuerySet, _name: str, owner: str) -> LeadQuerySet:
        if owner == NONE:
            return leads.filter(owner=None)
        return leads.filter(owner=self.user.pk if owner == ME else int(owner))

    def by_queue(self, leads: LeadQuerySet, _name: str, queue: str) -> LeadQuerySet:
        return leads.filter(queue=None if queue == NONE else int(queue))

    def by_code(self, leads: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        """By key, not by code: no join, and the index by source serves it."""
        return leads.filter(**{name: None if code == NONE else self.codes[name][code].pk})

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


def second(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def midnight(day: date) -> datetime:
    """Its start where the reader is."""
    return timezone.make_aware(datetime.combine(day, time()))


def in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        known: Any = field.choices
        return next((str(label) for code, label in known if code == value), str(value))
    return f"{value.day} {value:%b %Y}" if isinstance(value, date) else str(value)
