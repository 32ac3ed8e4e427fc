"""Times as rules give them: a bare date means 00:00 in Washington."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from compliance.core.errors import Invalid

WASHINGTON = ZoneInfo("America/New_York")


def moment(text: str | None, what: str = "time") -> datetime | None:
    """An ISO 8601 date or time as a moment; empty gives None. Raises Invalid on anything else.

    A time without a zone, like a bare date, is Washington's, where the rules are made.
    """
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            f"The {what} “{text}” is not ISO 8601. Write it like 2019-10-09 or 2019-10-09T00:00:00-04:00."
        ) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=WASHINGTON)


def time_left(moment: datetime, now: datetime) -> str:
    """How long until a moment, short: "45 min", "14 h 55 min", "31 h", "12 d"; "" once it has passed."""
    left = moment - now
    if left <= timedelta(0):
        return ""
    minutes = int(left.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    if hours < 1:
        return f"{max(rest, 1)} min"
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def day_in(filename: str) -> str:
    """The ISO day that stands in a file's name, as in title-15_part-744_2026-03-25.xml, or ""."""
    found = re.search(r"(?<!\d)(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)", filename)
    return found[0] if found else ""
