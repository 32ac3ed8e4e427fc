"""The queue beside a case: whose work it shows, in which order, and where to go next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases.models import Case, CaseMatch, CaseState, Disposition, ListReview
from compliance.cases.querysets import CaseQuerySet
from compliance.cases.workflow import WORKFLOW
from compliance.core.permissions import Permission
from compliance.core.templatetags.ui import ZONE
from compliance.watchlists.effects import LIST_POLICIES

PAGE = 50
DEEPEST_PAGE = 200
COUNTED = 100  # queues are counted up to here: "99+"
WAITING_SHOWN = 20
HOT = timedelta(hours=3)

QUEUE, REVIEWS = "queue", "reviews"
SHOWS = {
    QUEUE: "My queue",
    "mine": "Assigned to me",
    "unassigned": "Unassigned",
    "second": "Waiting for my second review",
    "escalated": "Escalated",
    "releases": "Holds to release",
    REVIEWS: "Reviews after list changes",
    "decided": "Decided",
    "closed": "Closed",
    "all": "All cases",
}
COUNTED_SHOWS = (QUEUE, "mine", "unassigned", "second", "escalated", "releases")


@dataclass(frozen=True)
class QueueRow:
    """One case in the queue."""

    case: Case
    url: str
    lists: str
    due: str
    is_hot: bool
    is_current: bool


@dataclass(frozen=True)
class Choice:
    """One filter of the queue, with its count up to 99 ("" where counting would be slow)."""

    value: str
    label: str
    count: str


@dataclass(frozen=True)
class Queue:
    """A page of the queue, strongest and oldest first, and what waits on others."""

    show: str
    label: str
    rows: list[QueueRow]
    waiting: list[QueueRow]
    choices: list[Choice]
    summary: str
    page: int
    has_next: bool
    before: QueueRow | None
    after: QueueRow | None

    @property
    def query(self) -> str:
        """The filter as a query string, to be carried from page to page."""
        return query_of(self.show, self.page)


def query_of(show: str, page: int = 1) -> str:
    values = {"show": show} if show != QUEUE else {}
    return urlencode(values | ({"page": str(page)} if page > 1 else {}))


def default_show(user: User) -> str:
    """People who decide see their queue first; those who only read see what is open."""
    return QUEUE if user.has_permission(Permission.CASE_DECIDE) else "all"


def clean_show(text: str, user: User) -> str:
    return text if text in SHOWS else default_show(user)


def shown(show: str, user: User) -> CaseQuerySet:
    """The cases of one filter, in the order they are worked on."""
    every = Case.objects.visible_to(user)
    if show == "all":
        return every.order_by("-pk")
    if show in ("decided", "closed"):
        return every.filter(state=show).order_by("-top_score", "-pk")
    found = {
        QUEUE: every.in_hands_of, "mine": every.assigned_to, "second": every.awaiting_review_by,
    }  # fmt: skip
    if show in found:
        return found[show](user).queue_order()
    if show == REVIEWS:
        return every.with_review_asked()
    plain = {
        "unassigned": every.unassigned, "escalated": every.escalated, "releases": every.with_release_to_decide,
    }  # fmt: skip
    return plain[show]().queue_order()


def queue(user: User, *, show: str = "", page: int = 1, current: int | None = None) -> Queue:
    """One page of the queue, in a number of queries that doesn't grow."""
    now = timezone.now()
    show = clean_show(show, user)
    page = max(1, min(page, DEEPEST_PAGE))
    start = (page - 1) * PAGE
    found = list(shown(show, user).select_related("counterparty")[start : start + PAGE + 1])
    waiting: list[Case] = []
    if show == QUEUE and page == 1 and user.has_permission(Permission.CASE_DECIDE):
        others = Case.objects.visible_to(user).waiting_on_others(user)
        waiting = list(others.select_related("counterparty").queue_order()[:WAITING_SHOWN])
    has_next, found = len(found) > PAGE, found[:PAGE]
    lists = lists_of([*found, *waiting])
    query = query_of(show, page)

    def row(case: Case, due: tuple[str, bool]) -> QueueRow:
        url = case.get_absolute_url() + (f"?{query}" if query else "")
        return QueueRow(case, url, lists.get(case.pk, ""), *due, is_current=case.pk == current)

    say = asked_words if show == REVIEWS else due_words
    rows = [row(case, say(case, now)) for case in found]
    waiting_rows = [row(case, since_words(case, now)) for case in waiting]
    before, after = neighbors(rows, waiting_rows)
    counts = {name: capped(shown(name, user)) for name in COUNTED_SHOWS} if can_work(user) else {}
    amount = counts.get(show, "")
    counts[REVIEWS] = capped(ListReview.objects.visible_to(user).open())
    return Queue(
        show=show, label=SHOWS[show], rows=rows, waiting=waiting_rows,
        choices=[Choice(name, label, counts.get(name, "")) for name, label in SHOWS.items()],
        summary=summary_of(rows, amount, now, is_whole=page == 1 and not has_next),
        page=page, has_next=has_next, before=before, after=after,
    )  # fmt: skip


def can_work(user: User) -> bool:
    return user.has_permission(Permission.CASE_WORK)


def capped(found: QuerySet[Any]) -> str:
    """How many there are, counted no further than 99."""
    count = found.order_by()[:COUNTED].count()
    return f"{count}" if count < COUNTED else f"{COUNTED - 1}+"


def summary_of(rows: Sequence[QueueRow], count: str, now: datetime, *, is_whole: bool) -> str:
    """ "9 cases, 3 due today"; what is due is said only where the whole queue is on the page."""
    if not is_whole:
        return f"{count} cases" if count else f"{len(rows)} on this page"
    total = f"{len(rows)} case{'' if len(rows) == 1 else 's'}"
    today = now.astimezone(ZONE).date()
    due = sum(is_unfinished(row.case) and row.case.due_at.astimezone(ZONE).date() <= today for row in rows)
    return f"{total}, {due} due today" if due else total


def neighbors(rows: list[QueueRow], waiting: list[QueueRow]) -> tuple[QueueRow | None, QueueRow | None]:
    """The cases before and after the open one; from outside the queue, next is its first."""
    every = [*rows, *waiting]
    place = next((number for number, row in enumerate(every) if row.is_current), None)
    if place is None:
        return None, every[0] if every else None
    return (every[place - 1] if place else None), (every[place + 1] if place + 1 < len(every) else None)


def lists_of(found: Sequence[Case]) -> dict[int, str]:
    """The titles of the lists each case is about."""
    titles: dict[int, list[str]] = {}
    pairs = CaseMatch.objects.filter(case__in=found).values_list("case", "entry__list_code").order_by("case", "pk")
    for case, code in pairs:
        title = LIST_POLICIES[code].title
        if title not in titles.setdefault(case, []):
            titles[case].append(title)
    return {case: ", ".join(names) for case, names in titles.items()}


def is_unfinished(case: Case) -> bool:
    return case.state not in (CaseState.DECIDED, CaseState.CLOSED)


def due_words(case: Case, now: datetime) -> tuple[str, bool]:
    """When the case is due, as the queue prints it, and whether that is near or past."""
    if not is_unfinished(case):
        return f"{case.get_state_display()} {day_words(case.closed_at or case.changed_at)}", False
    due, left = case.due_at, case.due_at - now
    if left < timedelta(0):
        return f"{span_words(-left)} late", True
    if due.astimezone(ZONE).date() == now.astimezone(ZONE).date():
        return f"{clock_words(due)}, {span_words(left)}", left < HOT
    return day_words(due), False


def since_words(case: Case, now: datetime) -> tuple[str, bool]:
    same_day = case.changed_at.astimezone(ZONE).date() == now.astimezone(ZONE).date()
    return f"since {clock_words(case.changed_at) if same_day else day_words(case.changed_at)}", False


def asked_words(case: Any, now: datetime) -> tuple[str, bool]:
    """How long the case's oldest review waits (CaseQuerySet.with_review_asked)."""
    return f"asked {span_words(now - case.review_asked_at)} ago", False


def clock_words(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%H:%M}"


def day_words(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    return f"{local:%a} {local.day} {local:%b}"


def span_words(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours < 1:
        return f"{int(hours * 60)} min"
    return f"{int(hours)} h" if hours < 48 else f"{int(hours / 24)} d"


def first_url(user: User, show: str) -> str | None:
    """The address of the first case of a queue; None if it is empty."""
    first = shown(show, user).first()
    if first is None and show == QUEUE:
        first = Case.objects.visible_to(user).waiting_on_others(user).queue_order().first()
    return address_of(first, show) if first else None


def address_of(case: Case, show: str, match: CaseMatch | None = None) -> str:
    query = urlencode(({"match": match.pk} if match else {}) | ({"show": show} if show != QUEUE else {}))
    return case.get_absolute_url() + (f"?{query}" if query else "")


def next_stop(user: User, case: Case, show: str) -> str:
    """Where to go after a decision: the case's next open question, else the next case of the queue, else the queue."""
    case = Case.objects.visible_to(user).get(pk=case.pk)
    waiting = (
        case.matches.filter(disposition=Disposition.PENDING, awaiting=None).order_by("-match__score", "pk").first()
    )
    if waiting and WORKFLOW.allows("decide", case, user):
        return address_of(case, show, waiting)
    following = shown(show, user).exclude(pk=case.pk).first() if show not in ("decided", "closed", "all") else None
    if following:
        return address_of(following, show)
    return reverse("cases:list") + (f"?{query_of(show)}" if query_of(show) else "")
