"""Offer leads that wait in a queue because no one was available, the first in order first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from core.formatting import date_time_text
from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.assignment.eligibility import EligibilityPolicy, why_excluded
from handoff.assignment.history import decliners_of
from handoff.assignment.pools import PoolAssigner
from handoff.configuration import configuration
from handoff.intake_run import IntakeRun
from handoff.lead_state import lock_lead_state
from handoff.models import Handoff
from handoff.offers import withdraw
from handoff.rescoring import facts_of_state
from handoff.routed_offers import decide, offer_by
from handoff.routing import engine
from handoff.routing.candidates import candidates_of
from handoff.routing.matching import match_rules
from handoff.routing.specs import RouteTarget, RuleSetSpec
from handoff.sla.clocks import running_clocks
from leads.configuration import NotConfigured
from leads.facts import PATHS, facts_from_row
from leads.models import Lead
from people.availability import NOTHING_ELSE
from people.calendars import value_of

logger = logging.getLogger(__name__)

# The job runs every few seconds; a run that is missed is made up for by the next.
OFFERED_WITHIN: Final = timedelta(minutes=1)
# Of the leads that wait, a run looks at so many for which someone may be free, and as many others.
MAX_LEADS: Final = 250
TURN: Final = timedelta(seconds=5)

# Leads in order, each with the pools that it waits for.
Waiting = Sequence[tuple[int, Sequence[int]]]
LooksAt = Callable[[Waiting, set[int], datetime], list[int]]


def offer_waiting_leads(*, at: datetime) -> int:
    """Offer each waiting lead that someone can get now, in its own transaction; count them."""
    count = 0
    for lead_id, _ in assignments(at=at, looks_at=leads_to_look_at):
        try:
            count += with_retries(partial(offer_waiting_lead, lead_id, at=at))
        except Exception:
            logger.exception("Could not offer waiting lead %s", lead_id)
    return count


@transaction.atomic
def offer_waiting_lead(lead_id: int, *, at: datetime) -> bool:
    """Withdraw the lead from its queue and offer it to whom the rules choose now, if anyone."""
    state = lock_lead_state(lead_id)
    lead = state.lead if state else None
    waiting = Handoff.objects.waiting().filter(lead=lead_id).order_by()
    handoff = waiting.select_for_update(no_key=True).first()
    if state is None or lead is None or state.contact is None or handoff is None:
        return False
    run = IntakeRun.on_leads([lead_id], at=at)
    clocks = running_clocks([handoff.pk])
    withdraw(run.work, handoff, clocks, cause="available", by_id=None, at=at)
    facts = facts_of_state(state, lead, run.leads)
    decision = decide(run, state, lead, facts, for_sales=True, why=waited_text(handoff, run))
    if decision.owner is None:
        return False  # Nothing is written.
    offer_by(run, state, lead, decision, previous=handoff)
    run.work.write()
    return True


def waited_text(handoff: Handoff, run: IntakeRun) -> str:
    """Return since when the lead waited, in the time zone of its queue."""
    zone = value_of(run.handoff.team_editions.get(handoff.queue_id or 0)).zone
    since = handoff.offered_at.astimezone(ZoneInfo(zone))
    return f"Waited since {date_time_text(since)} ({zone}) because no one was available."


def all_leads(waiting: Waiting, free: set[int], at: datetime) -> list[int]:
    return [lead_id for lead_id, _ in waiting]


def leads_to_look_at(waiting: Waiting, free: set[int], at: datetime) -> list[int]:
    """Return in order the first leads that wait for a pool where someone is free, and some others.

    The others are all in turn, by the clock: a person whom a rule names may be back, or the rules
    may be new.
    """
    first = (lead_id for lead_id, pool_ids in waiting if not free.isdisjoint(pool_ids))
    turns = ceil(len(waiting) / MAX_LEADS)
    turn = int(at.timestamp() // TURN.total_seconds()) % turns
    others = waiting[turn * MAX_LEADS : (turn + 1) * MAX_LEADS]
    chosen = {*islice(first, MAX_LEADS), *(lead_id for lead_id, _ in others)}
    return [lead_id for lead_id, _ in waiting if lead_id in chosen]


def assignments(*, at: datetime, looks_at: LooksAt = all_leads) -> list[tuple[int, int]]:
    """Return in order the waiting leads that the rules would give to someone now, and to whom.

    Nothing is locked, so that the job costs little while everyone is busy.
    """
    waiting = waiting_leads()
    if not waiting:
        return []
    try:
        handoff = configuration.now()
    except NotConfigured:
        return []
    rules = handoff.rule_set
    pools = PoolAssigner(
        at, preferred_team_ids=rules.team_ids, locks=False, waiting_order=NOTHING_ELSE
    )
    pools.read(rules.pool_ids)
    lead_ids = looks_at(waiting, pools_with_someone_free(pools, rules.pool_ids), at)
    return list(_assign(lead_ids, rules, pools))


def waiting_leads() -> Waiting:
    """Return waiting leads in the order of `handoff.assignment.waiting_order`, with their pools."""
    waiting = Handoff.objects.waiting().order_by("-waits_as_hot", "waits_since", "lead")
    rows = waiting.values_list("lead", "waits_for")
    return [(lead_id, pool_ids or ()) for lead_id, pool_ids in rows]


def pools_with_someone_free(pools: PoolAssigner, team_ids: Collection[int]) -> set[int]:
    anyone = EligibilityPolicy()
    return {
        team_id
        for team_id in team_ids
        if any(why_excluded(candidate, anyone) is None for candidate in pools.pool(team_id))
    }


def _assign(
    lead_ids: list[int], rules: RuleSetSpec, pools: PoolAssigner
) -> Iterator[tuple[int, int]]:
    declined = decliners_of(lead_ids)
    rows = Lead.objects.filter(pk__in=lead_ids)
    company_reps = rows.company_reps() if rules.asks_for_company_rep else {}
    values = rows.values_list("pk", "company__owner", *PATHS)
    by_id = {lead_id: columns for lead_id, *columns in values}
    for lead_id in lead_ids:
        owner_id, *columns = by_id[lead_id]
        facts = facts_from_row(tuple(columns), has_company_rep=lead_id in company_reps)
        named = {
            RouteTarget.ACCOUNT_OWNER: owner_id,
            RouteTarget.COMPANY_REP: company_reps.get(lead_id),
        }
        decision = engine.choose(
            match_rules(facts, rules, for_sales=True),
            partial(candidates_of, pools=pools, named=named),
            seed=lead_id,
            declined=declined.get(lead_id, ()),
        )
        if decision.selection is not None and decision.user_id is not None:
            pools.record(UnitOfWork(), decision.selection)
            yield lead_id, decision.user_id
