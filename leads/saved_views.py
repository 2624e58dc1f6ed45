"""Name, share and choose views of the leads list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from core.errors import Refused
from core.permissions import Right
from core.raw_sql import BoundQuery, Row
from leads.models import ListSettings, SavedView
from people.models import Team, User

MAX_VIEWS: Final = 30
MAX_QUERY: Final = 2000
DEFAULT_SIZE: Final = 50


class ViewNotFound(Refused):
    code = "view_not_found"


class BadView(Refused):
    code = "bad_view"


class ViewRow(NamedTuple):
    pk: int
    name: str
    query: str
    team_id: int | None
    team: str | None
    may_change: bool


@dataclass(frozen=True)
class ListChoices:
    """The settings of a person for the leads list, and the views they may open, by id."""

    default_view_id: int | None
    is_compact: bool
    page_size: int
    views: dict[int, ViewRow]
    managed_teams: tuple[tuple[int, str], ...]

    def teams_for(self, view: ViewRow | None) -> list[tuple[int, str]]:
        """Return the teams to share a view with, and the one that it is shared with."""
        teams = dict(self.managed_teams)
        if view is not None and view.team_id is not None and view.team is not None:
            teams.setdefault(view.team_id, view.team)
        return list(teams.items())


# The teams come from a subquery, so that PostgreSQL plans it once: a plan for any teams costs no
# more than one for these.
CHOICES_SQL: Final = """
SELECT 'settings', settings.default_view_id, '', '', NULL::bigint, NULL,
    settings.is_compact, settings.page_size
FROM leads_listsettings AS settings WHERE settings.user_id = %(user)s
UNION ALL
SELECT 'view', view.id, view.name, view.query, view.team_id, team.name,
    view.owner_id = %(user)s OR team.manager_id = %(user)s OR %(every)s, 0
FROM leads_savedview AS view LEFT JOIN people_team AS team ON team.id = view.team_id
WHERE view.owner_id = %(user)s OR view.team_id = ANY((SELECT %(teams)s::bigint[])::bigint[])
UNION ALL
SELECT 'team', team.id, team.name, '', NULL, NULL, true, 0 FROM people_team AS team
WHERE team.is_active AND (team.manager_id = %(user)s OR %(every)s)
ORDER BY 1, 3, 2
"""


def list_choices_of(user: User) -> ListChoices:
    return list_choices_query(user).fetch()[0]


def list_choices_query(user: User) -> BoundQuery[ListChoices]:
    """Read settings, views and the teams to share with in one statement."""
    params: Any = {
        "user": user.pk,
        "every": user.may(Right.MANAGE_EVERY_TEAM),
        "teams": [getattr(team, "pk", team) for team in team_ids_of(user)],
    }
    return BoundQuery(CHOICES_SQL, params, lambda rows: [choices_from(rows)])


def choices_from(rows: list[Row]) -> ListChoices:
    default, is_compact, size = None, False, DEFAULT_SIZE
    views, teams = {}, []
    for kind, pk, name, query, team_id, team, flag, number in rows:
        if kind == "settings":
            default, is_compact, size = pk, flag, number
        elif kind == "view":
            views[pk] = ViewRow(pk, name, query, team_id, team, flag)
        else:
            teams.append((pk, name))
    return ListChoices(default if default in views else None, is_compact, size, views, tuple(teams))


def team_ids_of(user: User) -> list[int]:
    ids = user.team_ids
    return ids if isinstance(ids, list) else list(ids.values_list("pk", flat=True))


def teams_run_by(user: User) -> QuerySet[Team]:
    teams = Team.objects.filter(is_active=True)
    return teams if user.may(Right.MANAGE_EVERY_TEAM) else teams.filter(manager=user)


def changeable_view(pk: int, by: User) -> SavedView:
    """Lock a view of the person's own, or of a team they manage."""
    own = Q(owner=by) | Q(team__in=teams_run_by(by).values("pk"))
    view = SavedView.objects.select_for_update(of=("self",)).filter(own, pk=pk).first()
    if view is None:
        raise ViewNotFound("This view no longer exists, or only its owner can change it.")
    return view


@transaction.atomic
def save_view(*, name: str, query: str, team_id: int | None, by: User) -> SavedView:
    if SavedView.objects.filter(owner=by).count() >= MAX_VIEWS:
        raise BadView(f"You have {MAX_VIEWS} views. Delete one first.")
    view = SavedView(owner=by, query=kept_query(query))
    write_view(view, name=name, team_id=team_id, by=by)
    return view


@transaction.atomic
def change_view(*, pk: int, name: str, team_id: int | None, by: User) -> None:
    write_view(changeable_view(pk, by), name=name, team_id=team_id, by=by)


def write_view(view: SavedView, *, name: str, team_id: int | None, by: User) -> None:
    if not name.strip():
        raise BadView("Enter a name for the view.")
    shared_before = view.team_id is not None and team_id == view.team_id
    if team_id and not shared_before and not teams_run_by(by).filter(pk=team_id).exists():
        raise BadView("Only the manager of a team can share views with it.")
    view.name, view.team_id = name.strip()[:60], team_id
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise BadView(f"There already is a view named “{view.name}”.") from None


@transaction.atomic
def replace_filters(*, pk: int, query: str, by: User) -> SavedView:
    view = changeable_view(pk, by)
    view.query = kept_query(query)
    view.save(update_fields=["query"])
    return view


def kept_query(query: str) -> str:
    if len(query) > MAX_QUERY:
        raise BadView("These filters are too long to keep. Remove one of them.")
    return query


@transaction.atomic
def delete_view(*, pk: int, by: User) -> str:
    view = changeable_view(pk, by)
    view.delete()
    return view.name


def choose_default(*, pk: int | None, by: User) -> None:
    """Open the list with this view from now on; None opens it with all leads."""
    if pk is not None and pk not in list_choices_of(by).views:
        raise ViewNotFound("This view no longer exists.")
    ListSettings.objects.update_or_create(user=by, defaults={"default_view_id": pk})


def choose_display(*, is_compact: bool, page_size: int, by: User) -> None:
    values = {"is_compact": is_compact, "page_size": page_size}
    ListSettings.objects.update_or_create(user=by, defaults=values)
