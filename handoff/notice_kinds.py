from typing import Final

from core.permissions import Right
from people.notice_kinds import mail_topic, notice_kind

OFFERS: Final = mail_topic(
    "offers",
    "Leads offered to you",
    "A new lead to accept or reject.",
    Right.ANSWER_HANDOFFS,
)
ACTIVITY: Final = mail_topic(
    "activity",
    "Activity of your leads",
    "A lead became hot, sent a new request or was contacted by a previous owner.",
    Right.ANSWER_HANDOFFS,
)
DUE_SOON: Final = mail_topic(
    "due_soon", "SLA timers due soon", "A reminder before a timer is due.", Right.ANSWER_HANDOFFS
)
OVERDUE: Final = mail_topic(
    "overdue",
    "Overdue SLA timers",
    "A timer ran out, for its owner and the manager.",
    Right.ANSWER_HANDOFFS,
    Right.MANAGE_TEAM,
    Right.EDIT_CONFIGURATION,
    always="Always mailed, so that no overdue lead is forgotten.",
)
QUEUES: Final = mail_topic(
    "queues",
    "Leads in your queues",
    "Leads wait for someone to take them.",
    Right.ANSWER_HANDOFFS,
    Right.MANAGE_TEAM,
)
REASSIGNED: Final = mail_topic(
    "reassigned",
    "Reassigned leads",
    "Leads of someone who left or is away went to others.",
    Right.MANAGE_TEAM,
    Right.EDIT_CONFIGURATION,
)
MENTIONS: Final = mail_topic(
    "mentions", "Mentions", "Someone mentions you in a note.", Right.SEE_LEADS
)
COMPLETION: Final = mail_topic(
    "completion",
    "Leads that marketing completes",
    "Sales returned a lead, a lead cannot be reached, or a suppressed contact asks for sales.",
    Right.EDIT_CONTEXT,
)
REJECTIONS: Final = mail_topic(
    "rejections",
    "Rejected leads of your campaigns",
    "The daily mail groups them by reason.",
    Right.EDIT_CAMPAIGNS,
    has_digest=True,
)

OFFERED: Final = notice_kind(
    "offered", "Lead offered", many="{count} leads are offered to you", topic=OFFERS
)
BECAME_HOT: Final = notice_kind(
    "became_hot",
    "Lead became hot",
    is_urgent=True,
    many="{count} of your leads became hot",
    topic=ACTIVITY,
)
NEW_REQUEST: Final = notice_kind(
    "new_request", "New request", many="{count} of your leads sent new requests", topic=ACTIVITY
)
CLOCK_WARNED: Final = notice_kind(
    "clock_warned", "SLA due soon", many="{count} SLA timers are due soon", topic=DUE_SOON
)
CLOCK_BREACHED: Final = notice_kind(
    "clock_breached", "SLA breached", many="{count} SLA timers are overdue", topic=OVERDUE
)
RETURNED: Final = notice_kind(
    "sent_back", "Lead returned", many="Sales returned {count} leads", topic=COMPLETION
)
INCOMPLETE: Final = notice_kind(
    "incomplete",
    "Lead incomplete",
    many="{count} leads for sales cannot be reached",
    topic=COMPLETION,
)
SUPPRESSED_REQUEST: Final = notice_kind(
    "suppressed_request",
    "Suppressed contact asks for sales",
    many="{count} suppressed contacts ask for sales",
    topic=COMPLETION,
)
REJECTED: Final = notice_kind(
    "rejected",
    "Lead rejected",
    many="Sales rejected {count} leads of your campaigns",
    topic=REJECTIONS,
)
REJECTION_DIGEST: Final = notice_kind("rejection_digest", "Rejections of the day", topic=REJECTIONS)
LEADS_REASSIGNED: Final = notice_kind("leads_reassigned", "Leads reassigned", topic=REASSIGNED)
MENTIONED: Final = notice_kind(
    "mentioned",
    "Mention in a note",
    many="You are mentioned in {count} notes",
    topic=MENTIONS,
)
CONTACT_MADE: Final = notice_kind("contact_made", "Contact already made", topic=ACTIVITY)
QUEUE_WAITS: Final = notice_kind(
    "queue_waits", "Lead waits in a queue", many="{count} leads wait in your queues", topic=QUEUES
)
QUEUE_WAITS_LONG: Final = notice_kind(
    "queue_waits_long",
    "Lead waits too long in a queue",
    many="{count} leads have waited for more than an hour in your queues",
    topic=QUEUES,
)
