"""Pages of long lists: where the total is known, and where nobody should count a million rows to show fifty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

T = TypeVar("T")


class CountedPaginator(Paginator):
    """A paginator over a query whose total is stored already, so that it is not counted again."""

    def __init__(self, object_list: Any, per_page: int, total: int) -> None:
        super().__init__(object_list, per_page)
        self.total = total

    @property
    def count(self) -> int:
        return self.total


def counted_page(rows: Any, number: str | None, *, per_page: int, total: int) -> Page:
    """One page by its number; a number that makes no sense gives the nearest page."""
    return CountedPaginator(rows, per_page, total).get_page(number)


@dataclass(frozen=True)
class Slice(Generic[T]):
    """Some rows of an endless list; `next_key` begins the slice after it, "" at the end."""

    rows: Sequence[T]
    next_key: str
    is_first: bool


def slice_of(queryset: QuerySet[Any], *, size: int, is_first: bool, key: Callable[[Any], object]) -> Slice[Any]:
    """The first `size` rows, and the key of the last one if more follow. One query, no count."""
    rows = list(queryset[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Slice(rows, str(key(rows[-1])) if more else "", is_first)


def whole_number(text: str) -> int | None:
    """A key from an address, or None for anything that is not one (and fits a database integer)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
