"""Whether a version may become active by itself, or must wait until two people release it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .fingerprint import fold_key
from .parsers.base import ParsedList

LINES_SHOWN = 5
# Below this many entries a share says nothing: one of three is 33 %.
SMALLEST_FOR_SHARES = 100
# Marks of a parser that mean letters lost on the way, and those that mean a wrong encoding.
DAMAGE = frozenset({"lost_letters", "replacement_character", "control_character", "wrong_letters"})
WRONG_ENCODING = frozenset({"replacement_character", "wrong_letters"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is usual for one list; outside, a version is held.

    `least` and `most` are entries of a whole official file: a fetched one outside is held, one loaded by hand is
    noted. Shares are whole percent: of entries in force before (`added_pct`, `removed_pct`, `shrunk_pct`) or of the
    entries in the file. `known`: names that have been on the list for years.
    """

    least: int = 0
    most: int = 1_000_000
    added_pct: int = 100
    removed_pct: int = 40
    shrunk_pct: int = 40
    damaged_pct: float = 5.0
    encoding_pct: float = 1.0
    impossible_dates_pct: float = 1.0
    known: tuple[str, ...] = ()


# Counts: about half and about three times what the official files of 2019 to 2026 hold. The CSL of April 2022 is
# usual: 172 of 2,001 Entity List rows (8.6 %) have lost letters, 3 an impossible date, 3 of 71 MEU rows a control sign.
BOUNDS: dict[str, Bounds] = {
    "EL": Bounds(1000, 12_000, damaged_pct=13.0, known=("ZTE Parsian", "Rosneft")),
    "DPL": Bounds(250, 3_000, removed_pct=50),
    "UVL": Bounds(60, 1_000, removed_pct=60),
    "MEU": Bounds(40, 600, damaged_pct=8.0),
    "SDN": Bounds(5_000, 60_000, known=("BANK MELLI IRAN",)),
    "SSI": Bounds(150, 2_000),
    "FSE": Bounds(0, 200),
    "PLC": Bounds(40, 400),
    "CAP": Bounds(5, 500),
    "MBS": Bounds(5, 500),
    "CMIC": Bounds(30, 500),
    "DTC": Bounds(300, 5_000),
    "ISN": Bounds(80, 2_000),
    "UN": Bounds(500, 3_000),
    "UK": Bounds(1_000, 20_000),
}
USUAL = Bounds()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Reasons to hold a version, and what was noticed without holding it, as sentences."""

    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Entries by list code: in force before, as this version would leave them, and what it adds and removes."""

    before: Mapping[str, int]
    after: Mapping[str, int]
    added: Mapping[str, int]
    removed: Mapping[str, int]


def check(
    parsed: ParsedList, counts: Counts, *, is_fetched: bool = False, bounds: Mapping[str, Bounds] = BOUNDS
) -> Verdict:
    """The reasons to hold this version; none means that it is ready. A change is held for unreadable rows alone."""
    reasons: list[str] = []
    warnings: list[str] = []
    if parsed.form == "whole":
        reasons += _shrunk(counts, bounds)
        reasons += _moved(counts, bounds)
        odd = _size(counts.after, bounds) + _unknown(parsed, counts.after, bounds, always=is_fetched)
        (reasons if is_fetched else warnings).extend(odd)
        reasons += _damaged(parsed, counts.after, bounds)
    reasons += _unreadable(parsed)
    return Verdict(tuple(reasons), tuple(warnings))


def _of(bounds: Mapping[str, Bounds], list_code: str) -> Bounds:
    return bounds.get(list_code, USUAL)


def _shrunk(counts: Counts, bounds: Mapping[str, Bounds]) -> list[str]:
    reasons = []
    for list_code, before in sorted(counts.before.items()):
        after = counts.after.get(list_code, 0)
        if before <= 0:
            continue
        if after == 0:
            noun = "entry" if before == 1 else "entries"
            reasons.append(f"The list {list_code} had {before:,} {noun} and is now empty.")
        elif after * 100 <= before * (100 - _of(bounds, list_code).shrunk_pct):
            lost_pct = (before - after) * 100 // before
            reasons.append(f"The list {list_code} is {lost_pct} % smaller: {before:,} entries before, {after:,} now.")
    return reasons


def _moved(counts: Counts, bounds: Mapping[str, Bounds]) -> list[str]:
    """A list that keeps its size and changes most of its entries is another list, or another layout."""
    reasons = []
    for list_code, before in sorted(counts.before.items()):
        if before < SMALLEST_FOR_SHARES or not counts.after.get(list_code):
            continue
        usual = _of(bounds, list_code)
        for word, moved, limit in (
            ("adds", counts.added.get(list_code, 0), usual.added_pct),
            ("removes", counts.removed.get(list_code, 0), usual.removed_pct),
        ):
            if moved * 100 > before * limit:
                reasons.append(
                    f"The file {word} {moved:,} entries of the list {list_code}, {moved * 100 // before} % of the "
                    f"{before:,} before; up to {limit} % is usual."
                )
    return reasons


def _size(after: Mapping[str, int], bounds: Mapping[str, Bounds]) -> list[str]:
    reasons = []
    for list_code, count in sorted(after.items()):
        usual = _of(bounds, list_code)
        if not usual.least <= count <= usual.most:
            noun = "entry" if count == 1 else "entries"
            reasons.append(
                f"The list {list_code} has {count:,} {noun}; the official one has {usual.least:,} to {usual.most:,}."
            )
    return reasons


def _unknown(parsed: ParsedList, after: Mapping[str, int], bounds: Mapping[str, Bounds], *, always: bool) -> list[str]:
    """Names that the list has carried for years and this file lacks; asked of files of official size."""
    reasons = []
    for list_code, count in sorted(after.items()):
        usual = _of(bounds, list_code)
        if not usual.known or not (always or count >= usual.least):
            continue
        names = {fold_key(e.name) for e in parsed.entries if e.list_code == list_code}
        lacking = [name for name in usual.known if fold_key(name) not in names]
        if lacking:
            reasons.append(f"The list {list_code} lacks names it has had for years: {', '.join(lacking)}.")
    return reasons


def _damaged(parsed: ParsedList, after: Mapping[str, int], bounds: Mapping[str, Bounds]) -> list[str]:
    marks: dict[str, Counter[str]] = {}
    for entry in parsed.entries:
        found = marks.setdefault(entry.list_code, Counter())
        found["damaged"] += not DAMAGE.isdisjoint(entry.marks)
        found["encoding"] += not WRONG_ENCODING.isdisjoint(entry.marks)
        found["dates"] += "impossible_date" in entry.marks
    reasons = []
    for list_code, found in sorted(marks.items()):
        count = after.get(list_code, 0)
        if count < SMALLEST_FOR_SHARES:
            continue
        usual = _of(bounds, list_code)
        for what, number, limit in (
            ("have letters that were lost or damaged", found["damaged"], usual.damaged_pct),
            ("have letters read in a wrong encoding", found["encoding"], usual.encoding_pct),
            ("have a date that cannot be", found["dates"], usual.impossible_dates_pct),
        ):
            if number * 100 > count * limit:
                share = number * 100 / count
                reasons.append(
                    f"{number:,} of {count:,} entries of the list {list_code} {what}: {share:.1f} %; up to {limit:g} % "
                    "is usual."
                )
    return reasons


def _unreadable(parsed: ParsedList) -> list[str]:
    unreadable = parsed.unreadable
    if not unreadable:
        return []
    if len(unreadable) == 1:
        return [f"1 row cannot be read: line {unreadable[0].line}."]
    lines = ", ".join(str(problem.line) for problem in unreadable[:LINES_SHOWN])
    more = ", and more" if len(unreadable) > LINES_SHOWN else ""
    return [f"{len(unreadable):,} rows cannot be read: lines {lines}{more}."]
