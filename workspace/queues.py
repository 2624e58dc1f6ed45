"""The queues that reps pull from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.parameters import parameter_problems
from core.permissions import Right
from core.sorting import SortHead, sort_head
from handoff.models import Handoff
from people.access import right_required
from people.models import Team, User
from people.requests import HtmxRequest, signed_in
from workspace.inbox.queries import WAITING_ORDERS, InboxRow, waiting_rows

# Of each queue on the page of all, and on the page of one.
FIRST_ROWS: Final = 10
PAGE_SIZE: Final = 20
MAX_PAGE: Final = 10_000
DEFAULT_SORT: Final = "due"
HEADS: Final = {
    "name": ("Lead", False),
    "company": ("Company", False),
    "score": ("Score", True),
    "waiting": ("Waiting since", False),
    "due": ("Answer due", False),
}


class QueueForm(forms.Form):
    sort = forms.ChoiceField(
        choices=[(f"{sign}{name}", name) for name in WAITING_ORDERS for sign in ("", "-")],
        required=False,
        error_messages={"invalid_choice": "“%(value)s” is not an order here."},
    )
    queue = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        error_messages={"invalid": "There is no such queue."},
    )
    page = forms.IntegerField(
        min_value=1,
        max_value=MAX_PAGE,
        required=False,
        error_messages={"invalid": "There is no such page."},
    )


@dataclass(frozen=True)
class Queue:
    """A team and the offers of it that are shown."""

    team: Team
    rows: list[InboxRow]

    @property
    def waiting(self) -> int:
        return self.rows[0].part_count if self.rows else 0

    @property
    def is_cut(self) -> bool:
        return self.waiting > len(self.rows)


@dataclass(frozen=True)
class QueueAddress:
    sort: str
    queue: int | None
    page: int

    @property
    def size(self) -> int:
        return PAGE_SIZE if self.queue else FIRST_ROWS

    def href(self, **changes: object) -> str:
        params = {"queue": self.queue, "sort": self.sort, **changes}
        if params["sort"] == DEFAULT_SORT:
            del params["sort"]
        return f"?{urlencode({name: value for name, value in params.items() if value})}"

    @property
    def heads(self) -> dict[str, SortHead]:
        return {
            name: sort_head(label, name, self.sort, self.sorted_href, descending_first=descending)
            for name, (label, descending) in HEADS.items()
        }

    def sorted_href(self, order: str) -> str:
        return self.href(sort=order)


@right_required(Right.ANSWER_HANDOFFS, Right.SEE_QUEUES)
@require_GET
def queues(request: HtmxRequest) -> HttpResponse:
    """Show the offers in each queue of the user's teams, or a page of one queue."""
    address, problems = read_address(request.GET)
    for problem in problems:
        messages.warning(request, problem)
    user, at = signed_in(request), timezone.now()
    teams = list(teams_for(user))
    if address.queue:
        teams = [team for team in teams if team.pk == address.queue]
        if not teams:
            raise Http404
    rows = waiting_rows(
        [team.pk for team in teams], address.sort, size=address.size, page=address.page
    )
    shown = [Queue(team, [row for row in rows if row.queue_id == team.pk]) for team in teams]
    return render(
        request,
        "workspace/queues.html",
        {
            "at": at,
            "address": address,
            "queues": [
                (queue, address.href(queue=queue.team.pk))
                for queue in sorted(shown, key=lambda queue: (not queue.rows, queue.team.name))
            ],
            "may_pull": Right.ANSWER_HANDOFFS in user.rights,
            **pages_of(address, shown),
        },
    )


def teams_for(user: User) -> QuerySet[Team]:
    """Return sales teams; one with waiting offers even if it is inactive."""
    waiting = Handoff.objects.offered().filter(queue=OuterRef("pk"), owner=None)
    sales = Team.objects.filter(
        Exists(waiting) | Q(is_active=True) & ~Q(function=Team.Function.MARKETING)
    )
    return sales if user.may(Right.SEE_QUEUES) else sales.filter(pk__in=user.team_ids)


def read_address(params: QueryDict) -> tuple[QueueAddress, list[str]]:
    """Return the address, and a sentence for each parameter that is ignored."""
    form = QueueForm(params)
    ignored = parameter_problems(params, QueueForm.base_fields)
    ignored |= {name: str(errors[0]) for name, errors in form.errors.items()}
    sent: dict[str, Any] = form.cleaned_data
    address = QueueAddress(
        sent.get("sort") or DEFAULT_SORT,
        sent.get("queue"),
        (sent.get("page") or 1) if sent.get("queue") else 1,
    )
    return address, [f"Ignored: {problem}" for problem in ignored.values()]


def pages_of(address: QueueAddress, shown: list[Queue]) -> dict[str, str]:
    if address.queue is None or not shown:
        return {}
    last = -(-shown[0].waiting // PAGE_SIZE)
    return {
        "before_href": address.href(page=address.page - 1) if address.page > 1 else "",
        "after_href": address.href(page=address.page + 1) if address.page < last else "",
    }
