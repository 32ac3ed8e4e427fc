"""The page "as of": which entries were in force at an instant, as it was known at another, in their words then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page
from django.db.models import Min

from compliance.core.paging import counted_page
from compliance.watchlists import as_of
from compliance.watchlists.as_of import Clocks, SourceText
from compliance.watchlists.effects import LIST_POLICIES, ListPolicy
from compliance.watchlists.models import Entry, EntryRevision, SupplementaryName

ENTRIES_PER_PAGE = 50


@dataclass(frozen=True)
class CountRow:
    """How many entries of one list were in force."""

    policy: ListPolicy
    entries: int


@dataclass(frozen=True)
class ThenRow:
    """One entry as it read then: the leading text, the others' sources, and names no list prints."""

    entry: Entry
    text: SourceText
    others: tuple[SourceText, ...]
    names: list[SupplementaryName]


@dataclass(frozen=True)
class AsOfPage:
    """`first_known`: when the first list was taken in, for a time known that lies before; None without any list."""

    clocks: Clocks
    counts: list[CountRow]
    total: int
    page: Page
    rows: list[ThenRow]
    first_known: datetime | None


def as_of_page(clocks: Clocks, *, list_code: str = "", words: str = "", number: str | None = None) -> AsOfPage:
    """One page of the entries in force then. Six queries at most, however many there are."""
    found = as_of.in_force_then(clocks, list_code=list_code, words=words)
    counts = as_of.counts_then(found)
    total = sum(counts.values())
    page = counted_page(as_of.ids_in_order(found), number, per_page=ENTRIES_PER_PAGE, total=total)
    ids = list(page) if total else []
    texts = as_of.texts_then(ids, clocks) if ids else {}
    names = as_of.names_of(ids, clocks) if ids else {}
    return AsOfPage(
        clocks=clocks,
        counts=[CountRow(LIST_POLICIES[code], count) for code, count in counts.items()],
        total=total,
        page=page,
        rows=[
            ThenRow(texts[pk][0].revision.entry, texts[pk][0], texts[pk][1:], names.get(pk, []))
            for pk in ids
            if pk in texts
        ],
        first_known=None if total else EntryRevision.objects.aggregate(first=Min("known_from"))["first"],
    )
