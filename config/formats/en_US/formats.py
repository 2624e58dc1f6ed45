"""Dates and times in the admin. What is not named here is as in Django's formats for English."""

from __future__ import annotations

from core.formatting import DateStyle, formats_in_use


class FormatOfReader(str):
    """A format of Django that is the one of the reader whenever a date is shown."""

    def __new__(cls, *, month_first: str, day_first: str, iso: str) -> FormatOfReader:
        text = super().__new__(cls, month_first)
        text.by_style = {DateStyle.DAY_FIRST: day_first, DateStyle.ISO: iso}
        return text

    by_style: dict[DateStyle, str]

    def __str__(self) -> str:
        return self.by_style.get(formats_in_use().dates) or super().__str__()


DATE_FORMAT = FormatOfReader(month_first="M j, Y", day_first="j M Y", iso="Y-m-d")
TIME_FORMAT = FormatOfReader(month_first="g:i A", day_first="H:i", iso="H:i")
DATETIME_FORMAT = FormatOfReader(
    month_first="M j, Y, g:i A", day_first="j M Y, H:i", iso="Y-m-d, H:i"
)
SHORT_DATE_FORMAT = DATE_FORMAT
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
# Forms show the first format of each list, and read all of them, whatever the reader chose.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%m/%d/%Y"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%I:%M %p"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
