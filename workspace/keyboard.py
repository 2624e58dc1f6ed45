"""The keys of the inbox and of the lead beside it (static/js/keyboard.js)."""

from typing import Final

ANSWER_KEYS: Final = [
    ("a", "Accept"),
    ("r", "Reject, then a digit for the reason"),
    ("e", "Cannot evaluate"),
    ("t", "Log an attempt"),
    ("?", "Show these keys"),
]
INBOX_KEYS: Final = [
    ("j k", "Next and previous row, also ↓ and ↑"),
    ("o", "Open the row, also Enter"),
    *ANSWER_KEYS[:-1],
    ("z", "Undo the last answer"),
    ANSWER_KEYS[-1],
]
