"""Score a lead as it is now."""

from __future__ import annotations

from typing import Any

from handoff.intake_run import IntakeRun
from leads import scoring
from leads.configuration import LeadConfiguration
from leads.contact_state import ContactState
from leads.event_log import record
from leads.events import Scored
from leads.facts import signal_dates
from leads.instance_facts import facts_of
from leads.models import Lead, LeadScore


def score_lead(run: IntakeRun, state: ContactState, lead: Lead) -> dict[str, Any]:
    """Score the lead as it is now, write the breakdown and return the facts it was scored on."""
    assert state.contact is not None, "a lead has a contact"
    facts = facts_of_state(state, lead, run.leads)
    score = scoring.score(run.leads.scoring, facts, signal_dates(lead.signals), run.at)
    breakdown = {
        "model_id": run.leads.scoring_id,
        "total": score.total,
        "intent": score.intent,
        "ledger": score.ledger,
        "missed": score.missed,
        "to_become_ready": score.to_become_ready,
        "scored_at": run.at,
    }
    if state.score_id is None:
        state.score_id = state.ids[LeadScore]
        run.work.add_row(LeadScore, id=state.score_id, lead_id=lead.pk, **breakdown)
    else:
        run.work.update(LeadScore, state.score_id, **breakdown)
    before = lead.score
    run.work.set(lead, score=score.total, intent_score=score.intent)
    facts |= {"lead.score": lead.score, "lead.intent_score": lead.intent_score}
    if lead.score != before:
        scored = Scored(score=lead.score, intent=lead.intent_score, was=before)
        record(run.work, lead.pk, scored, at=run.at)
    return facts


def facts_of_state(state: ContactState, lead: Lead, config: LeadConfiguration) -> dict[str, Any]:
    assert state.contact is not None, "a lead has a contact"
    has_company_rep = state.company_rep_id is not None
    return facts_of(lead, state.contact, state.company, config, has_company_rep=has_company_rep)
