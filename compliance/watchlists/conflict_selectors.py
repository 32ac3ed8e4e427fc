"""What the page of conflicts shows: where two sources print the same entry and say different things."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from django.core.paginator import Page
from django.db.models import Count

from compliance.accounts.models import User
from compliance.core.paging import counted_page
from compliance.core.permissions import Permission
from compliance.watchlists.differences import LONGEST, Piece
from compliance.watchlists.models import SourceConflict

CONFLICTS_PER_PAGE = 25
# Fields in the order of their weight, with the words of the page. A wrong day moves what binds when: it comes first.
FIELDS = {
    "start_date": "Listing date",
    "name": "Name",
    "aliases": "Aliases",
    "addresses": "Addresses",
    "license_requirement": "License requirement",
    "license_policy": "Review policy",
    "end_date": "End date",
}
DATES = frozenset({"start_date", "end_date"})
_WORDS = re.compile(r"\S+\s*")
_SIGNS = ".,;:()[]“”‘’\"'"
PARTS = frozenset({"aliases", "addresses"})  # only what one of the two lacks is stored


@dataclass(frozen=True)
class Side:
    """What one source says, in pieces: "same", or "only" where the other source reads otherwise."""

    source: str
    key: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ConflictRow:
    """One entry with what the leading source says beside what the other one says."""

    conflict: SourceConflict
    leading: Side
    other: Side
    apart: str


@dataclass(frozen=True)
class FieldTab:
    """A field with its number of conflicts."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class ConflictsPage:
    """The page of conflicts between sources, one field at a time."""

    tabs: list[FieldTab]
    tab: FieldTab
    total: int
    page: Page
    rows: list[ConflictRow]

    @property
    def is_days(self) -> bool:
        return self.tab.key in DATES

    @property
    def is_parts(self) -> bool:
        """Whether the two columns hold only what the other one lacks."""
        return self.tab.key in PARTS


def conflicts_page(user: User, field: str = "", number: str | None = None) -> ConflictsPage:
    """Conflicts of one field, of the listing date unless another is asked for. Two queries at any size."""
    rows = SourceConflict.objects.all()
    if not user.has_permission(Permission.DESK_READ):
        rows = rows.none()
    counts = dict(rows.order_by().values_list("field").annotate(Count("pk")))
    known = {**FIELDS, **{name: name.replace("_", " ").capitalize() for name in sorted(counts) if name not in FIELDS}}
    tabs = [FieldTab(key, label, counts.get(key, 0)) for key, label in known.items()]
    asked = next((tab for tab in tabs if tab.key == field), None)
    tab = asked or next((tab for tab in tabs if tab.count), tabs[0])
    found = rows.filter(field=tab.key).order_by("pk").select_related(
        "entry", "leading__version__source", "other__version__source"
    )  # fmt: skip
    page = counted_page(
        found.defer(*[f"{side}__{name}" for side in ("leading", "other")
                      for name in ("text", "version__problems", "version__list_counts", "version__notes")]),
        number, per_page=CONFLICTS_PER_PAGE, total=tab.count,
    )  # fmt: skip
    return ConflictsPage(tabs, tab, sum(counts.values()), page, [conflict_row(row) for row in page])


def conflict_row(conflict: SourceConflict) -> ConflictRow:
    """Both texts with the words marked that only one of them has."""
    one, two = sides(conflict)
    leading, other = conflict.leading.version.source, conflict.other.version.source
    return ConflictRow(
        conflict,
        Side(leading.title, leading.key, one),
        Side(other.title, other.key, two),
        days_apart(conflict) if conflict.field in DATES else "",
    )


def sides(conflict: SourceConflict) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    one, two = conflict.leading_says, conflict.other_says
    if conflict.field in DATES or conflict.field in PARTS:
        return tuple(Piece("only", text) for text in [one] if text), tuple(
            Piece("only", text) for text in [two] if text
        )
    left, right = _WORDS.findall(one), _WORDS.findall(two)
    if max(len(left), len(right)) > LONGEST:
        return whole(one), whole(two)
    match = SequenceMatcher(None, [bare(word) for word in left], [bare(word) for word in right], autojunk=False)
    ours: list[Piece] = []
    theirs: list[Piece] = []
    for op, i1, i2, j1, j2 in match.get_opcodes():
        for side, found in ((ours, "".join(left[i1:i2])), (theirs, "".join(right[j1:j2]))):
            side += pieces_of("same" if op == "equal" else "only", found)
    return tuple(ours), tuple(theirs)


def pieces_of(kind: str, text: str) -> list[Piece]:
    """A stretch of text, with the space after it unmarked."""
    words = text.rstrip()
    pieces = [Piece(kind, words), Piece("same", text[len(words) :])]
    return [piece for piece in pieces if piece.text]


def bare(word: str) -> str:
    """A word without its punctuation and case, which are no disagreement; a sign that stands alone stays."""
    return word.strip().strip(_SIGNS).casefold() or word.strip()


def whole(text: str) -> tuple[Piece, ...]:
    return (Piece("only", text),) if text else ()


def days_apart(conflict: SourceConflict) -> str:
    """How far two days lie apart, in words; "" where one of them is no date."""
    try:
        days = abs((date.fromisoformat(conflict.leading_says) - date.fromisoformat(conflict.other_says)).days)
    except ValueError:
        return ""
    return f"{days:,} days apart"
