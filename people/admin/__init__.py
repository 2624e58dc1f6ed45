from people.admin import absences, calendars, teams, users

__all__ = ["absences", "calendars", "teams", "users"]
