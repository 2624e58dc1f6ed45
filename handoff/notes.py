"""Write a note on a lead, and notify the people whom it mentions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from core.errors import Refused
from core.unit_of_work import UnitOfWork, reserve_ids
from handoff.lead_access import people_who_see
from handoff.notice_kinds import MENTIONED
from leads.event_log import record
from leads.events import Noted
from leads.models import Lead, Note
from people.models import User
from people.notices import write_notices

MAX_LENGTH: Final = 5000
MAX_SHOWN: Final = 40
# An @ inside of a word is part of an email address.
MENTION: Final = re.compile(r"(?<![\w.@])@(?=\w)")
WORD: Final = re.compile(r"[\w'’-]+")


class EmptyNote(Refused):
    code = "empty_note"


class BadMention(Refused):
    code = "bad_mention"


class Person(NamedTuple):
    user_id: int
    name: str
    may_see: bool


@transaction.atomic
def add_note(*, lead: Lead, text: str, by: User, at: datetime) -> Note:
    """Keep the note; raise BadMention if it names someone who would not be able to read it."""
    text = text.strip()
    if not text:
        raise EmptyNote("Enter a note.")
    mentioned = mentions_in(text, people_for(lead)) if "@" in text else []
    note = Note(id=reserve_ids(Note, 1)[0], lead_id=lead.pk, text=text, by_id=by.pk, at=at)
    work = UnitOfWork()
    work.add(note)
    record(work, lead.pk, Noted(note=note.pk, mentions=mentioned), at=at, actor_id=by.pk)
    work.write()
    drafts = [
        MENTIONED.draft(
            user_id,
            occasion=note.pk,
            subject=f"{by} mentioned you in a note",
            body="Open the lead to read it.",
            path=f"{lead.get_absolute_url()}#note-{note.pk}",
        )
        for user_id in mentioned
        if user_id != by.pk
    ]
    write_notices(drafts, at=at)
    return note


def people_for(lead: Lead) -> list[Person]:
    """Return all active users; those who may see the lead come first."""
    seers = set(people_who_see(lead).values_list("pk", flat=True))
    active = User.objects.filter(is_active=True).values_list("pk", "name")
    people = [Person(pk, name, pk in seers) for pk, name in active]
    return sorted(people, key=lambda person: (not person.may_see, person.name))


def mentions_in(text: str, people: Sequence[Person]) -> list[int]:
    """Return the users that a text names after an @, by whole name or by a first name of one.

    A whole name that several people have names all of them.
    """
    mentions = (mentioned_at(text, match.end(), people) for match in MENTION.finditer(text))
    return list(dict.fromkeys(user_id for user_ids in mentions for user_id in user_ids))


def mentioned_at(text: str, start: int, people: Sequence[Person]) -> list[int]:
    rest, word = text[start:].casefold(), WORD.match(text, start)
    typed = word.group()[:MAX_SHOWN] if word else ""
    whole = [person for person in people if starts_with_name(rest, person.name.casefold())]
    longest = max((len(person.name) for person in whole), default=0)
    named = [person for person in whole if len(person.name) == longest]
    if not named:
        seers = [person for person in people if person.may_see]
        first = typed.casefold()
        named = [person for person in seers if person.name.casefold().split(" ")[0] == first]
        if len(named) > 1:
            names = " or ".join(f"“@{person.name}”" for person in named[:3])
            raise BadMention(f"Several people are called “@{typed}”. Write {names}.")
        if not named:
            raise BadMention(f"No one is called “@{typed}”. Choose a name that exists.")
    reached = [person.user_id for person in named if person.may_see]
    if not reached:
        raise BadMention(
            f"{named[0].name} may not see this lead, so a mention would not reach them. "
            "Reassign the lead or take the mention out."
        )
    return reached


def starts_with_name(rest: str, name: str) -> bool:
    return bool(name) and rest.startswith(name) and not rest[len(name) : len(name) + 1].isalnum()
