"""Define what each stage means in a new installation; operations publish their own versions."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from leads.stages import Stage


class DefaultDefinition(NamedTuple):
    buyer_did: str
    company_looks_like: str
    problem_shows: str
    sales_does_next: str


DEFINITIONS: Final[Mapping[Stage, DefaultDefinition]] = {
    Stage.NEW: DefaultDefinition(
        "Had a first touch: submitted a form, downloaded content, attended an event, visited the "
        "site or replied to an email.",
        "No requirement yet. The company may be unknown.",
        "No requirement yet.",
        "Nothing. Marketing owns the lead, which is scored and checked immediately.",
    ),
    Stage.ENGAGED: DefaultDefinition(
        "Had another touch, or was returned by sales because data is missing or another contact "
        "is needed.",
        "Known well enough to look up: a name or a website.",
        "Shows a topic of interest: content read, watched or asked about.",
        "Nothing yet. Marketing completes the data and the context card.",
    ),
    Stage.MQL: DefaultDefinition(
        "Reached the score threshold of the published scoring model, or asked to talk to sales "
        "and can be reached by a corporate email address or a phone number.",
        "Company size and role score according to the published model. The contact is not "
        "suppressed.",
        "The context card states the problem, as told by the buyer or shown by the content read.",
        "Accepts the lead, rejects it with a reason or reports missing fields, within the "
        "response time of the SLA.",
    ),
    Stage.SAL: DefaultDefinition(
        "Same as for a marketing qualified lead. In addition, a rep accepted the lead for "
        "follow-up.",
        "The rep checked size, industry and region against the customer profile.",
        "The rep read the context card and can start the conversation with it.",
        "Makes first contact within the SLA, logs every attempt, and asks about need, authority, "
        "budget and timeline.",
    ),
    Stage.SQL: DefaultDefinition(
        "Answered the qualification questions in a conversation.",
        "A person with a say in the purchase is involved, and there is a path to a budget.",
        "The need is confirmed in the buyer's own words, with a date by which it must be solved.",
        "Schedules the next meeting and names the account executive who takes over.",
    ),
    Stage.OPPORTUNITY: DefaultDefinition(
        "Agreed to review a proposal, and on who decides and by when.",
        "The people who decide, use and pay are known by name.",
        "The effect of the problem on the business is agreed and has an amount.",
        "Keeps the amount, the next step and its date up to date until the decision.",
    ),
    Stage.WON: DefaultDefinition(
        "Signed or ordered.",
        "Is a customer, and is marked as one.",
        "The problem behind the purchase is recorded for future campaigns.",
        "Hands over to delivery and tells marketing which campaign the deal came from.",
    ),
    Stage.LOST: DefaultDefinition(
        "Decided against us, for a competitor or to do nothing, after sales had accepted the lead.",
        "Matched the customer profile. The company can become a lead again.",
        "The reason for the loss is recorded. A lead that was never qualified is rejected with a "
        "reason instead.",
        "Nothing. A new inquiry opens a new lead that links to this one.",
    ),
    Stage.NURTURE: DefaultDefinition(
        "Showed interest but is not ready: timing or budget is missing, the score is below the "
        "threshold, or no attempt got a response.",
        "May match the customer profile. Two or more required fields may be unknown.",
        "Shows a topic of interest, without a date by which it must be solved.",
        "Nothing until a date is reached or the buyer acts. Marketing stays in touch on the same "
        "topic.",
    ),
    Stage.DISQUALIFIED: DefaultDefinition(
        "Is a student, job seeker, vendor or duplicate, or in a market that is not served.",
        "Does not match the customer profile.",
        "No problem that we solve.",
        "Nothing. The reason is recorded and the lead stays closed.",
    ),
}
