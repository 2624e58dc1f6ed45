from people.models.accounts import Absence, Membership, Team, User
from people.models.calendars import CalendarEdition, CalendarWindow, ClosedDay, WorkCalendar
from people.models.email_changes import EmailChange
from people.models.notices import Notice
from people.models.sessions import Session

__all__ = [
    "Absence",
    "CalendarEdition",
    "CalendarWindow",
    "ClosedDay",
    "EmailChange",
    "Membership",
    "Notice",
    "Session",
    "Team",
    "User",
    "WorkCalendar",
]
