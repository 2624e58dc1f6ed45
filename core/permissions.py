from enum import StrEnum


class Right(StrEnum):
    """A permission in the product; `people.roles` grants rights to roles."""

    ADD_LEADS = "add_leads"
    ANSWER_HANDOFFS = "answer_handoffs"
    EDIT_CAMPAIGNS = "edit_campaigns"
    EDIT_CONTACTS = "edit_contacts"
    EDIT_CONFIGURATION = "edit_configuration"
    EDIT_CONTEXT = "edit_context"
    MANAGE_EVERY_TEAM = "manage_every_team"  # superusers only
    MANAGE_TEAM = "manage_team"
    OPEN_ADMIN = "open_admin"
    PUBLISH = "publish"
    READ_REPORTS = "read_reports"
    REVERSE_WON = "reverse_won"
    SEE_EVERY_LEAD = "see_every_lead"
    SEE_LEADS = "see_leads"
    SEE_QUEUES = "see_queues"
    SEE_SUPERUSERS = "see_superusers"  # superusers only
    SEE_TEAMS = "see_teams"
