"""The product's "no": a refusal has a code, is worded for a person, and changes nothing."""


class Refused(Exception):
    """Base of every domain refusal; edges turn it into a message (pages) or a 4xx (API)."""

    code = "refused"
