"""Whether a version may become active by itself, or must wait for a person to look at it."""

from __future__ import annotations

from collections.abc import Mapping

from .parsers.base import ParsedList

# Official lists grow; the one real file that lost 54 % of a list was cut off (CSL, November 2023).
SHRINK_LIMIT_PCT = 40
LINES_SHOWN = 5


def check(parsed: ParsedList, before_counts: Mapping[str, int], after_counts: Mapping[str, int]) -> tuple[str, ...]:
    """The reasons to hold this version, as sentences; none means that it is ready.

    The counts are entries by list code: in force before, and as this version would leave them.
    """
    reasons = _shrunk(before_counts, after_counts) if parsed.form == "whole" else []
    unreadable = parsed.unreadable
    if unreadable:
        lines = ", ".join(str(problem.line) for problem in unreadable[:LINES_SHOWN])
        more = ", and more" if len(unreadable) > LINES_SHOWN else ""
        if len(unreadable) == 1:
            reasons.append(f"1 row cannot be read: line {lines}.")
        else:
            reasons.append(f"{len(unreadable):,} rows cannot be read: lines {lines}{more}.")
    return tuple(reasons)


def _shrunk(before_counts: Mapping[str, int], after_counts: Mapping[str, int]) -> list[str]:
    reasons = []
    for list_code, before in sorted(before_counts.items()):
        after = after_counts.get(list_code, 0)
        if before <= 0:
            continue
        if after == 0:
            noun = "entry" if before == 1 else "entries"
            reasons.append(f"The list {list_code} had {before:,} {noun} and is now empty.")
        elif after * 100 <= before * (100 - SHRINK_LIMIT_PCT):
            lost_pct = (before - after) * 100 // before
            reasons.append(f"The list {list_code} is {lost_pct} % smaller: {before:,} entries before, {after:,} now.")
    return reasons
