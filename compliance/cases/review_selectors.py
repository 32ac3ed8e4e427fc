"""What the pages show of list reviews, and of the sources that print an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases.models import Case, CaseMatch, ListReview
from compliance.cases.queue import DEEPEST_PAGE, PAGE, span_words
from compliance.cases.reviews import FIELD_WORDS
from compliance.core.errors import ComplianceError
from compliance.core.permissions import Permission, check_permission
from compliance.watchlists.models import EntryRevision, ListVersion, SourceConflict
from compliance.watchlists.sources import rank_of

# Long columns that a list of reviews does not print.
UNREAD = ("version__problems", "version__notes", "case_match__match__evidence", "case_match__match__revision__text")


@dataclass(frozen=True)
class ReviewRow:
    """A hold or clearance to look at again. `refusal`: why this person may not close it."""

    review: ListReview
    name: str
    url: str
    age: str
    refusal: str


@dataclass(frozen=True)
class ReviewList:
    """A page of the open reviews, the oldest first."""

    rows: list[ReviewRow]
    page: int
    has_next: bool


def open_reviews(user: User, *, page: int = 1) -> ReviewList:
    """One page of what waits after list changes, in one query."""
    page = max(1, min(page, DEEPEST_PAGE))
    start = (page - 1) * PAGE
    rows = list(with_facts(ListReview.objects.visible_to(user))[start : start + PAGE + 1])
    return ReviewList(rows_of(rows[:PAGE], user), page, len(rows) > PAGE)


def reviews_of(case: Case, user: User) -> list[ReviewRow]:
    """The open reviews of one case, the oldest first."""
    return rows_of(list(with_facts(ListReview.objects.visible_to(user).filter(case_match__case=case))), user)


def with_facts(reviews: QuerySet[ListReview]) -> QuerySet[ListReview]:
    found = reviews.filter(closed_at=None).order_by("asked_at", "pk")
    return found.select_related(
        "case_match__case__counterparty", "case_match__entry", "case_match__match__revision", "version"
    ).defer(*UNREAD)


def rows_of(reviews: list[ListReview], user: User) -> list[ReviewRow]:
    now, refusal = timezone.now(), close_refusal(user)
    return [row_of(review, now, refusal) for review in reviews]


def row_of(review: ListReview, now: datetime, refusal: str) -> ReviewRow:
    pair = review.case_match
    url = f"{pair.case.get_absolute_url()}?match={pair.pk}&show=reviews#review-{review.pk}"
    return ReviewRow(review, pair.match.revision.name, url, span_words(now - review.asked_at), refusal)


def close_refusal(user: User) -> str:
    try:
        check_permission(user, Permission.CASE_DECIDE)
    except ComplianceError as refused:
        return refused.sentence
    return ""


# --- the sources of an entry -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """Which sources print an entry, the leading one first, and in which fields they disagree; none for a single one."""

    by: list[tuple[str, ListVersion]]
    disagree_on: list[str]


def printed_by(pair: CaseMatch) -> Printed:
    """Where the entry of a pair stands now. A second query only where there is more than one source."""
    texts = EntryRevision.objects.watched().filter(entry=pair.entry_id).select_related("version__source")
    newest = {text.version.source.key: text.version for text in texts.defer("text", "version__problems").order_by("pk")}
    if len(newest) < 2:
        return Printed([], [])
    keys = sorted(newest, key=lambda key: (rank_of(key), key))
    fields = SourceConflict.objects.filter(entry=pair.entry_id).order_by("pk").values_list("field", flat=True)
    words = [FIELD_WORDS.get(name, name.replace("_", " ")) for name in dict.fromkeys(fields)]
    return Printed([(newest[key].source.title, newest[key]) for key in keys], words)
