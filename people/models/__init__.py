from people.models.accounts import Absence, Membership, Team, User
from people.models.calendars import CalendarEdition, CalendarWindow, ClosedDay, WorkCalendar
from people.models.notices import Notice

__all__ = [
    "Absence",
    "CalendarEdition",
    "CalendarWindow",
    "ClosedDay",
    "Membership",
    "Notice",
    "Team",
    "User",
    "WorkCalendar",
]
