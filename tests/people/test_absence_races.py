"""Time off that is changed and removed at the same moment."""

from datetime import timedelta

import pytest

from people.absences import change_absence, end_absence, name_cover, set_absence
from people.models import Absence
from people.worktime import instant
from tests.factories import make_rep
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.threads import queued_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_removed_time_off_is_neither_changed_nor_covered() -> None:
    manager, member, cover = make_user(), make_rep(), make_rep()
    make_team(member, cover, manager=manager)
    first_day = (MONDAY_9AM + timedelta(7)).date()
    starts_at = instant(first_day, MONDAY_9AM.time(), member.zone)
    absence = set_absence(
        member=member,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(1),
        note="",
        by=manager,
    )

    _, changed, covered = queued_for(
        Absence.objects.filter(pk=absence.pk),
        lambda: end_absence(absence_id=absence.pk, by=manager, at=MONDAY_9AM),
        lambda: change_absence(
            absence_id=absence.pk,
            first_day=first_day,
            last_day=first_day + timedelta(3),
            note="Longer",
            reassigns_leads=False,
            by=manager,
            at=MONDAY_9AM,
        ),
        lambda: name_cover(absence_id=absence.pk, cover=cover, by=member, at=MONDAY_9AM),
    )

    assert (changed, covered) == (None, None)
    assert not Absence.objects.exists()
