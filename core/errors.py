class Refused(Exception):
    """Base of all refusals: worded for users, shown as a message on pages and as a 4xx by the API.

    Whoever raises it has changed nothing.
    """

    code = "refused"
