"""The queues that reps pull from."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.parameters import parameter_problems
from core.permissions import Right
from handoff.models import Handoff
from people.access import right_required
from people.models import Team
from people.requests import HtmxRequest, signed_in
from workspace.inbox.queries import waiting_rows

MAX_ROWS: Final = 200


@right_required(Right.ANSWER_HANDOFFS, Right.SEE_QUEUES)
@require_GET
def queues(request: HtmxRequest) -> HttpResponse:
    """Show the offers in each queue of the user's teams, most urgent first.

    A queue with waiting offers is shown even if its team is inactive.
    """
    for problem in parameter_problems(request.GET, ()).values():
        messages.warning(request, f"{problem} All queues are shown.")
    user, at = signed_in(request), timezone.now()
    waiting = Handoff.objects.offered().filter(queue=OuterRef("pk"), owner=None)
    sales = Team.objects.filter(
        Exists(waiting) | Q(is_active=True) & ~Q(function=Team.Function.MARKETING)
    )
    sees_all = user.may(Right.SEE_QUEUES)
    teams = list(sales if sees_all else sales.filter(pk__in=user.team_ids))
    rows = waiting_rows([team.pk for team in teams], MAX_ROWS)
    queues = [(team, [row for row in rows if row.queue_id == team.pk]) for team in teams]
    context = {
        "at": at,
        "queues": sorted(queues, key=lambda queue: (not queue[1], queue[0].name)),
        "is_cut": len(rows) == MAX_ROWS,
        "may_pull": Right.ANSWER_HANDOFFS in user.rights,
    }
    return render(request, "workspace/queues.html", context)
