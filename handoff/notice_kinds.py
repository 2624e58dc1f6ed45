from typing import Final

from people.notice_kinds import notice_kind

OFFERED: Final = notice_kind("offered", "Lead offered")
BECAME_HOT: Final = notice_kind("became_hot", "Lead became hot", is_urgent=True)
CLOCK_WARNED: Final = notice_kind("clock_warned", "SLA due soon")
CLOCK_BREACHED: Final = notice_kind("clock_breached", "SLA breached")
RETURNED: Final = notice_kind("sent_back", "Lead returned")
REJECTED: Final = notice_kind("rejected", "Lead rejected")
REJECTION_DIGEST: Final = notice_kind("rejection_digest", "Rejections of the day")
LEADS_REASSIGNED: Final = notice_kind("leads_reassigned", "Leads reassigned")
CONTACT_MADE: Final = notice_kind("contact_made", "Contact already made")
