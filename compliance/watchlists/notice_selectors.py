"""What the pages of early warnings show: what is announced and not carried by an active version, and what is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.permissions import Permission
from compliance.watchlists.effects import LIST_POLICIES
from compliance.watchlists.models import Notice
from compliance.watchlists.notices import is_late, open_notices
from compliance.watchlists.selectors import StatePill
from compliance.watchlists.times import time_left

CLOSED_PER_PAGE = 25
OPEN_SHOWN = 200  # nobody works through more at once; the page says when there are more
NOT_SAID = "does not say"


@dataclass(frozen=True)
class NoticeCounts:
    """How many notices are open, and how many of those bind already without a version that carries them."""

    open: int
    late: int


@dataclass(frozen=True)
class NoticeRow:
    """One notice with its lists in words and its state at a moment."""

    notice: Notice
    lists: tuple[str, ...]
    pill: StatePill
    is_late: bool
    counts: tuple[tuple[str, str], ...]

    @property
    def says_nothing(self) -> bool:
        """Whether it gives no count at all."""
        return all(count == NOT_SAID for _label, count in self.counts)


@dataclass(frozen=True)
class NoticesPage:
    """The page of all notices."""

    now: datetime
    counts: NoticeCounts
    open: list[NoticeRow]
    page: Page
    closed: list[NoticeRow]
    may_work: bool


@dataclass(frozen=True)
class LifeRow:
    """One line of a notice's time line (components/timeline.html)."""

    time: datetime
    icon: str
    tone: str
    text: str
    detail: str = ""


@dataclass(frozen=True)
class NoticePage:
    """The page of one notice."""

    row: NoticeRow
    left: str
    link: str
    life: list[LifeRow]
    year: int
    may_close: bool


def notice_counts(now: datetime) -> NoticeCounts:
    """Open early warnings, in one query."""
    waiting = Q(closed_at=None)
    found = Notice.objects.order_by().aggregate(
        open=Count("pk", filter=waiting), late=Count("pk", filter=waiting & Q(effective_at__lte=now))
    )
    return NoticeCounts(found["open"], found["late"])


def notices_page(user: User, number: str | None = None) -> NoticesPage:
    """Open notices, those that bind first on top, and the closed ones in pages. Empty without permission to read."""
    now = timezone.now()
    waiting = open_notices().select_related("closed_by_version", "closed_by")
    done = Notice.objects.exclude(closed_at=None).select_related("closed_by_version", "closed_by").defer("abstract")
    if not user.has_permission(Permission.DESK_READ):
        waiting, done = waiting.none(), done.none()
    page = Paginator(done.order_by("-closed_at", "-pk"), CLOSED_PER_PAGE).get_page(number)
    return NoticesPage(
        now=now,
        counts=notice_counts(now),
        open=[notice_row(notice, now) for notice in waiting.defer("abstract")[:OPEN_SHOWN]],
        page=page,
        closed=[notice_row(notice, now) for notice in page],
        may_work=user.has_permission(Permission.NOTICE_WORK),
    )


def notice_row(notice: Notice, now: datetime) -> NoticeRow:
    titles = tuple(LIST_POLICIES[code].title if code in LIST_POLICIES else code for code in notice.lists)
    counts = tuple(
        (label, NOT_SAID if value is None else f"{value:,}")
        for label, value in (("added", notice.added), ("revised", notice.revised), ("removed", notice.removed))
    )
    return NoticeRow(notice, titles, notice_pill(notice, now), is_late(notice, now), counts)


def notice_pill(notice: Notice, now: datetime) -> StatePill:
    """A notice's state in words: late, coming, without a date, or how it was closed."""
    if notice.closed_at:
        return StatePill("Closed by a version" if notice.closed_by_version_id else "Closed by a person", "neu", "check")
    if notice.effective_at is None:
        return StatePill("No date given", "warn", "question")
    if is_late(notice, now):
        return StatePill("Binds, no version", "bad", "alert")
    return StatePill(f"Binds in {time_left(notice.effective_at, now)}", "warn", "clock")


def notice_page(notice: Notice, user: User) -> NoticePage:
    """One notice with its life, from the trail."""
    now = timezone.now()
    life = [
        LifeRow(event.recorded_at, event.icon, "", told(notice, event.action, event.data), f"{event.actor_name}.")
        for event in audit.about(notice)
    ]
    life += binding_row(notice, now)
    return NoticePage(
        row=notice_row(notice, now),
        left=time_left(notice.effective_at, now) if notice.effective_at else "",
        link=notice.url if notice.url.startswith(("https://", "http://")) else "",
        life=sorted(life, key=lambda row: row.time),
        year=now.year,
        may_close=notice.closed_at is None and user.has_permission(Permission.NOTICE_WORK),
    )


def told(notice: Notice, action: str, data: Mapping[str, Any]) -> str:
    """One event of a notice, in words that need not name the notice again."""
    if action == "lists.notice_found":
        return "Entered by hand." if notice.origin == "by_hand" else "Found in the Federal Register."
    if action == "lists.notice_changed":
        changes = dict(data.get("changes") or {})
        return "Changed: " + "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in changes.items())
    if action == "lists.notice_closed":
        return f"Closed: {data.get('reason', '')}"
    return action


def binding_row(notice: Notice, now: datetime) -> list[LifeRow]:
    """The instant at which its rule binds, as a line of its own."""
    if notice.effective_at is None:
        return []
    if notice.effective_at > now:
        return [LifeRow(notice.effective_at, "clock", "warn", "The rule binds.")]
    return [LifeRow(notice.effective_at, "clock", "", "The rule began to bind.")]
