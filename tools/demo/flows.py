"""The flow of each campaign: volume, dates, regions and the quality of its leads."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Verdict(StrEnum):
    """The true quality of a lead. The codes of unqualified leads are rejection reasons."""

    QUALIFIES = "qualifies"
    NOT_ICP = "not_icp"
    NO_BUDGET = "no_budget"
    NO_AUTHORITY = "no_authority"
    BAD_TIMING = "bad_timing"
    DUPLICATE = "duplicate"
    UNRESPONSIVE = "unresponsive"
    BAD_DATA = "bad_data"
    CANNOT_EVALUATE = "cannot_evaluate"


VERDICTS: Final = tuple(Verdict)
Weights = tuple[float, ...]

#                     fits  icp  budget authority timing dup  unresp data cannot
GOOD: Final[Weights] = (51, 5, 8, 6, 9, 4, 9, 4, 4)
CONTENT: Final[Weights] = (34, 10, 8, 12, 12, 4, 10, 4, 6)
WEBINAR: Final[Weights] = (15, 12, 6, 27, 9, 3, 8, 6, 14)
WORLDWIDE: Final[Weights] = (7, 60, 6, 6, 4, 1, 8, 6, 2)
TRIAL: Final[Weights] = (12, 10, 38, 8, 16, 3, 9, 2, 2)
VOUCHER: Final[Weights] = (4, 72, 4, 7, 2, 1, 7, 2, 1)
FAIR: Final[Weights] = (40, 10, 8, 11, 11, 6, 9, 2, 3)

Regions = Mapping[str, float]
SERVED_REGIONS: Final[Regions] = {"europe": 46, "americas": 36, "asia_pacific": 18}
ALL_REGIONS: Final[Regions] = {"europe": 13, "americas": 12, "asia_pacific": 7, "elsewhere": 68}


class Flow(NamedTuple):
    """`first_day` and `last_day` are days before today; a burst is imported as one list."""

    campaign: str
    volume: int
    kind: str
    lead_type: str
    verdicts: Weights
    first_day: int = 365
    last_day: int = 0
    regions: Regions = SERVED_REGIONS
    completeness: float = 0.92
    returns: float = 1.0
    is_burst: bool = False
    via: str = "form"


FLOWS: Final = (
    Flow("demo-page", 245, "demo_request", "demo", GOOD),
    Flow("quote-page", 100, "quote_request", "demo", GOOD),
    Flow("planning-advice", 115, "consultation_request", "consultation", GOOD),
    Flow("dispatch-guide", 260, "content_download", "download", CONTENT, returns=1.7),
    Flow("benchmark-report", 160, "content_download", "download", CONTENT, 300, returns=1.5),
    Flow(
        *("webinar-appointments", 300, "webinar_attended", "low_intent", WEBINAR, 212, 212),
        completeness=0.55,
        returns=0.8,
        is_burst=True,
        via="csv",
    ),
    Flow(
        *("webinar-winter", 90, "webinar_attended", "download", CONTENT, 58, 58),
        returns=1.6,
        is_burst=True,
        via="csv",
    ),
    Flow(
        *("search-worldwide", 170, "demo_request", "demo", WORLDWIDE, 330, 120, ALL_REGIONS),
        returns=0.4,
    ),
    Flow("search-dispatch", 170, "demo_request", "demo", GOOD, via="api"),
    Flow("free-trial", 175, "trial_signup", "consultation", TRIAL, 290, returns=0.9, via="api"),
    Flow("coffee-demo", 270, "demo_request", "demo", VOUCHER, 84, returns=0.3, via="webhook"),
    Flow("technicians-who-stay", 90, "content_download", "download", CONTENT, 240, 20),
    Flow(
        *("maintenance-fair", 110, "event_attended", "download", FAIR, 122, 120),
        returns=1.4,
        is_burst=True,
        via="csv",
    ),
    Flow("erp-partners", 90, "consultation_request", "consultation", GOOD, via="api"),
    Flow("customer-stories", 95, "email_reply", "low_intent", CONTENT, 320, returns=1.6),
)
