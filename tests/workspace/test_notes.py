"""Notes on a lead, and the people whom they mention."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import ProgrammingError, transaction
from django.test import Client

from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.lead_access import people_who_see, visible_leads
from handoff.notes import BadMention, Person, mentions_in
from handoff.reassignment import reassign
from leads.models import EventKind, Lead, LeadEvent, Note
from people.models import Membership, Notice, User
from people.notices import deliver_notices, recent_groups
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_queue, make_rep
from tests.pages import Page, card, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(hours=1)
PEOPLE = [
    Person(1, "Mia Hoffmann", True),
    Person(2, "Ann", True),
    Person(3, "Ann Lee", True),
    Person(4, "Tobias Lind", False),
    Person(5, "Élodie d’Arc", True),
]


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def write(user: User | Client, lead: Lead, text: str) -> Any:
    client = user if isinstance(user, Client) else signed_in_as(user)
    return client.post(f"/leads/{lead.pk}/notes/", {"text": text}, follow=True)


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("Call after five.", []),
        ("@Mia Hoffmann please call", [1]),
        ("Ask @mia hoffmann, @Ann Lee.", [1, 3]),
        ("(@Ann Lee) and again @Ann Lee", [3]),
        ("@Ann: yes", [2]),
        ("@Mia knows", [1]),
        ("Hi @Élodie!", [5]),
        ("Write to ann@acme.example", []),
        ("5 @ 20 euros", []),
    ],
)
def test_mentions_are_found_by_name(text: str, mentioned: list[int]) -> None:
    assert mentions_in(text, PEOPLE) == mentioned


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (
            "@Tobias Lind look",
            "Tobias Lind may not see this lead, so a mention would not reach them. "
            "Reassign the lead or take the mention out.",
        ),
        ("@Hofmann look", "No one is called “@Hofmann”. Choose a name that exists."),
        ("@Mia Hofman", None),
    ],
)
def test_mention_that_reaches_no_one_is_refused(text: str, refusal: str | None) -> None:
    if refusal is None:
        assert mentions_in(text, PEOPLE) == [1]
        return
    with pytest.raises(BadMention) as refused:
        mentions_in(text, PEOPLE)
    assert str(refused.value) == refusal


def test_first_name_of_several_people_is_refused() -> None:
    people = [Person(1, "Ann Lee", True), Person(2, "Ann Wu", True)]

    with pytest.raises(BadMention) as refused:
        mentions_in("@Ann call", people)

    assert str(refused.value) == (
        "Several people are called “@Ann”. Write “@Ann Lee” or “@Ann Wu”."
    )


def test_name_of_several_people_mentions_all_who_may_see_the_lead() -> None:
    people = [
        Person(1, "Ann Lee", True),
        Person(2, "Ann Lee", True),
        Person(3, "Ann Lee", False),
    ]

    assert mentions_in("@Ann Lee call", people) == [1, 2]


@pytest.mark.parametrize(
    "role", [Role.MARKETER, Role.OPERATIONS, Role.HANDOFF_OWNER, Role.LEADER, Role.REP]
)
def test_everyone_who_sees_the_lead_writes_and_reads_notes(role: Role, rep: User) -> None:
    lead = make_lead()
    author = rep if role is Role.REP else make_person(role, "Sofie Maurer")

    response = write(author, lead, "Call after five.\n<b>Ask</b> for Ann.")

    note = Note.objects.get()
    assert response.redirect_chain == [(f"/leads/{lead.pk}/#note-{note.pk}", 302)]
    assert (note.lead, note.by, note.at) == (lead, author, LATER)
    page = page_at(f"/leads/{lead.pk}/", rep)
    assert f"Note · {author.name} Call after five. <b>Ask</b> for Ann." in page.text(
        card("Activity")
    )
    assert page.has(f"#note-{note.pk}")


def test_text_is_not_in_the_log_and_cannot_be_changed(rep: User) -> None:
    lead = make_lead()

    write(rep, lead, "Ask @Mia for her number.")

    note, event = Note.objects.get(), LeadEvent.objects.get(kind=EventKind.NOTED)
    assert (event.actor, event.payload) == (rep, {"note": note.pk, "mentions": [rep.pk]})
    with pytest.raises(ProgrammingError), transaction.atomic():
        Note.objects.update(text="Other")


def test_mentioned_people_are_notified_with_a_link_to_the_note(rep: User, mailoutbox: Any) -> None:
    lead = make_lead(company="Acme", name="Ann Lee")
    marketer = make_person(Role.MARKETER, "Sofie Maurer")

    write(marketer, lead, "@Mia Hoffmann, @Sofie Maurer: Ann asks for a quote.")

    notice = Notice.objects.get(kind="mentioned")
    assert (notice.recipient, notice.path) == (
        rep,
        f"/leads/{lead.pk}/#note-{Note.objects.get().pk}",
    )
    assert notice.subject == "Sofie Maurer mentioned you in a note"
    listed = page_at("/notices/", rep)
    assert "Sofie Maurer mentioned you in a note" in listed.text("main")
    Notice.objects.exclude(pk=notice.pk).delete()
    deliver_notices(at=LATER + timedelta(days=1))
    (mail,) = mailoutbox
    assert "Ann" not in f"{mail.subject} {mail.body}"
    signed_in_as(rep).get(f"/leads/{lead.pk}/")
    notice.refresh_from_db()
    assert notice.read_at == LATER


def test_mention_is_past_for_someone_who_no_longer_sees_the_lead(
    rep: User, mailoutbox: Any
) -> None:
    lead, mate = make_lead(), make_rep("Ben Roth")
    membership = Membership.objects.create(team=rep.memberships.get().team, user=mate)
    write(rep, lead, "@Ben Roth please call.")
    membership.delete()
    Notice.objects.exclude(kind="mentioned").delete()

    deliver_notices(at=LATER + timedelta(days=1))

    assert mailoutbox == []
    (group,) = recent_groups(mate, at=LATER + timedelta(days=1))
    assert (group.current, len(group.outdated)) == ([], 1)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Enter a note."),
        ("  ", "Enter a note."),
        ("@Tobias Lind see this", "Tobias Lind may not see this lead"),
        ("x" * 5001, "Ensure this value has at most 5000 characters"),
    ],
)
def test_refused_note_keeps_what_was_typed(text: str, error: str, rep: User) -> None:
    lead = make_lead()
    make_rep("Tobias Lind")

    response = write(rep, lead, text)

    page = Page(response)
    assert response.status_code == 422
    assert page.text("#id_text_error").startswith(error)
    assert page.text("#id_text") == text.strip()
    assert not Note.objects.exists()
    assert not Notice.objects.filter(kind="mentioned").exists()


def test_lead_that_one_may_not_see_is_not_found(rep: User) -> None:
    lead = make_lead()
    stranger = make_rep("Tobias Lind")

    assert write(stranger, lead, "Mine?").status_code == 404
    assert signed_in_as(stranger).get(f"/leads/{lead.pk}/people/").status_code == 404
    assert not Note.objects.exists()


def test_suggested_people_are_those_who_see_the_lead(rep: User) -> None:
    lead = make_lead()
    make_rep("Tobias Lind")
    make_person(Role.LEADER, "Sam Okafor")
    client = signed_in_as(rep)
    client.get(f"/leads/{lead.pk}/people/")

    with exactly_statements(3):
        answer = client.get(f"/leads/{lead.pk}/people/")

    assert answer.json() == {"people": ["Mia Hoffmann", "Sam Okafor"]}


def test_people_who_see_a_lead_are_those_to_whom_it_is_visible() -> None:
    manager, other_manager = (make_person(Role.SALES_MANAGER) for _ in range(2))
    reps = [make_rep() for _ in range(5)]
    for role in (Role.MARKETER, Role.OPERATIONS, Role.HANDOFF_OWNER, Role.LEADER):
        make_person(role)
    make_user("Nobody yet")
    make_user("Root", is_superuser=True)
    gone = make_rep(is_active=False)
    make_team(reps[4], gone, manager=other_manager)
    team = make_pool(reps[0], reps[1], manager=manager)
    offered, passed_on, rejected = make_handoff(), make_handoff(), make_handoff()
    to = next(member for member in reps[:2] if member != passed_on.owner)
    reassign(handoff_id=passed_on.pk, to=to, by=manager, at=LATER)
    owner = rejected.owner
    assert owner is not None
    accept_handoff(handoff_id=rejected.pk, by=owner, at=LATER)
    reject_handoff(handoff_id=rejected.pk, reason_code="not_icp", by=owner, at=LATER)
    make_queue(reps[2], reps[3], manager=other_manager)
    queued = make_handoff()
    Membership.objects.filter(team=team, user=reps[1]).delete()

    for lead in Lead.objects.all():
        seers = [user for user in User.objects.all() if visible_leads(user).filter(pk=lead.pk)]
        assert set(people_who_see(lead)) == set(seers)
    assert reps[2] in people_who_see(queued.lead)
    assert reps[2] not in people_who_see(offered.lead)


@pytest.mark.parametrize("number", [1, 8])
def test_statements_do_not_grow_with_the_notes(number: int, rep: User) -> None:
    lead = make_lead()
    client = signed_in_as(rep)
    for place in range(number):
        write(client, lead, f"Note {place}")

    with exactly_statements(13):
        client.get(f"/leads/{lead.pk}/")
