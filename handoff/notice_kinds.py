from typing import Final

from people.notice_kinds import notice_kind

OFFERED: Final = notice_kind("offered", "Lead offered", many="{count} leads are offered to you")
BECAME_HOT: Final = notice_kind(
    "became_hot", "Lead became hot", is_urgent=True, many="{count} of your leads became hot"
)
NEW_REQUEST: Final = notice_kind(
    "new_request", "New request", many="{count} of your leads sent new requests"
)
CLOCK_WARNED: Final = notice_kind(
    "clock_warned", "SLA due soon", many="{count} SLA timers are due soon"
)
CLOCK_BREACHED: Final = notice_kind(
    "clock_breached", "SLA breached", many="{count} SLA timers are overdue"
)
RETURNED: Final = notice_kind("sent_back", "Lead returned", many="Sales returned {count} leads")
INCOMPLETE: Final = notice_kind(
    "incomplete", "Lead incomplete", many="{count} leads for sales cannot be reached"
)
SUPPRESSED_REQUEST: Final = notice_kind(
    "suppressed_request",
    "Suppressed contact asks for sales",
    many="{count} suppressed contacts ask for sales",
)
REJECTED: Final = notice_kind(
    "rejected", "Lead rejected", many="Sales rejected {count} leads of your campaigns"
)
REJECTION_DIGEST: Final = notice_kind("rejection_digest", "Rejections of the day")
LEADS_REASSIGNED: Final = notice_kind("leads_reassigned", "Leads reassigned")
MENTIONED: Final = notice_kind(
    "mentioned", "Mention in a note", many="You are mentioned in {count} notes"
)
CONTACT_MADE: Final = notice_kind("contact_made", "Contact already made")
QUEUE_WAITS: Final = notice_kind(
    "queue_waits", "Lead waits in a queue", many="{count} leads wait in your queues"
)
QUEUE_WAITS_LONG: Final = notice_kind(
    "queue_waits_long",
    "Lead waits too long in a queue",
    many="{count} leads have waited for more than an hour in your queues",
)
