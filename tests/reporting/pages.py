"""The report pages as the tests ask for them."""

from datetime import UTC, datetime

PAGES = ["overview", "funnel", "sources", "rejections", "speed"]
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAYS = "from=2026-03-01&to=2026-03-20"
