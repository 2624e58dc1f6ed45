"""The first wording of every stage, in four answers (DEF-02); operations publish their own."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from leads.stages import Stage


class Answers(NamedTuple):
    buyer_did: str
    company_looks_like: str
    problem_shows: str
    sales_does_next: str


DEFINITIONS: Final[Mapping[Stage, Answers]] = {
    Stage.NEW: Answers(
        "Did one thing we can name: sent a form, downloaded something, came to an event, "
        "visited, replied. That action is what created the record.",
        "Nothing is asked of it yet; it may be unknown.",
        "None has to show yet.",
        "Nothing. Marketing holds the lead, and it is scored and checked at once.",
    ),
    Stage.ENGAGED: Answers(
        "Did something more after the first action, or came back from sales because something "
        "is missing or another contact is needed.",
        "Known well enough to be looked up: a name or a web address.",
        "A topic shows: what was read, watched or asked about.",
        "Nothing yet. Marketing completes the data and the context card.",
    ),
    Stage.MQL: Answers(
        "Reached the score threshold of the published scoring model, or asked to talk to sales "
        "and can be reached by a corporate email address or a phone number.",
        "Company size and the person's role score as the published model says; it is not on the "
        "suppression list.",
        "The problem stands on the context card: stated by the buyer, or shown by what they read.",
        "Accepts or rejects with a reason inside the answer time of the SLA, or says which fields "
        "are missing.",
    ),
    Stage.SAL: Answers(
        "The same as for a marketing qualified lead, and a rep has agreed in the product that "
        "it deserves follow-up.",
        "The rep has checked size, industry and region against the profile.",
        "The rep has read the context card and can open the talk with it.",
        "Makes first contact inside the SLA, logs every attempt, and asks about need, authority, "
        "budget path and timeline.",
    ),
    Stage.SQL: Answers(
        "Answered the qualification questions in a conversation.",
        "Somebody with a say in the purchase takes part, and there is a path to a budget.",
        "The need is confirmed in the buyer's own words, with a date by which it should be solved.",
        "Agrees the next meeting and names the account executive who takes over.",
    ),
    Stage.OPPORTUNITY: Answers(
        "Agreed to look at a proposal, and to who decides and by when.",
        "The people who decide, use and pay are known by name.",
        "The effect of the problem on the business is agreed, and an amount stands against it.",
        "Keeps the amount, the next step and its date up to date until the decision.",
    ),
    Stage.WON: Answers(
        "Signed or ordered.",
        "Is a customer, and is marked as one.",
        "The problem that was bought against is on the record for the next campaign.",
        "Hands over to delivery and tells marketing which campaign it came from.",
    ),
    Stage.LOST: Answers(
        "Decided against us, chose another, or decided to do nothing, after sales had accepted it.",
        "Fitted the profile; the pursuit is over, not the company.",
        "The reason for the loss is on the record. A lead that was never qualified is rejected "
        "with a reason and does not end here.",
        "Nothing. A new enquiry opens a new pursuit that knows this one.",
    ),
    Stage.NURTURE: Answers(
        "Showed interest but is not ready: the timing or the budget is missing, the score is "
        "below the threshold, or the agreed attempts brought no answer.",
        "May fit the profile; two or more required fields may still be unknown.",
        "A topic shows, but no date by which it must be solved.",
        "Nothing until a date is reached or the buyer acts; marketing stays in touch on the same "
        "theme.",
    ),
    Stage.DISQUALIFIED: Answers(
        "Turned out to be a student, a job seeker, a rep, a duplicate, or in a market that is "
        "not served.",
        "Lies outside the profile.",
        "None that we solve.",
        "Nothing. The reason is on the record and the lead is out for good.",
    ),
}
