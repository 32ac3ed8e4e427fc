"""What the pages of the lists show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.permissions import Permission
from compliance.watchlists.effects import LIST_POLICIES, ListPolicy
from compliance.watchlists.models import EntryRevision, ListVersion, VersionState
from compliance.watchlists.parsers.base import LIST_CODES
from compliance.watchlists.times import time_left

VERSIONS_PER_PAGE = 25

# Words, tone and icon of each state (design: list and version states).
STATE_PILLS: dict[str, tuple[str, str, str]] = {
    VersionState.RECEIVED: ("Received", "neu", "download"),
    VersionState.REFUSED: ("Refused", "bad", "x"),
    VersionState.HELD: ("Held by gate", "warn", "pause"),
    VersionState.READY: ("Ready to activate", "inf", "dot"),
    VersionState.PENDING: ("Coming", "inf", "clock"),
    VersionState.ACTIVE: ("Active", "ok", "check"),
    VersionState.SUPERSEDED: ("Superseded", "neu", "minus"),
}


@dataclass(frozen=True)
class StatePill:
    """A version's state at a moment, with the time to binding while it is coming."""

    text: str
    tone: str
    icon: str


def state_pill(version: ListVersion, now: datetime) -> StatePill:
    text, tone, icon = STATE_PILLS[version.state_at(now)]
    left = time_left(version.effective_at, now) if version.effective_at else ""
    if version.state_at(now) == VersionState.PENDING and left:
        return StatePill(f"Coming, binds in {left}", "warn", "clock")
    return StatePill(text, tone, icon)


@dataclass(frozen=True)
class VersionRow:
    """One line of the versions table. `filename` and `reason` only where it was refused or is held."""

    version: ListVersion
    pill: StatePill
    leads: bool
    filename: str = ""
    reason: str = ""


def version_row(version: ListVersion, now: datetime, leads: set[int]) -> VersionRow:
    """A version as a line of a table. What never came into force is told apart by its file and its first reason."""
    unused = version.state_at(now) in (VersionState.REFUSED, VersionState.HELD)
    reason = version.reasons[0] if unused and version.reasons else ""
    filename = version.raw_file.filename if unused else ""
    return VersionRow(version, state_pill(version, now), version.pk in leads, filename, reason)


@dataclass(frozen=True)
class ListRow:
    """One list, by what of it is in force now."""

    policy: ListPolicy
    entries: int


@dataclass(frozen=True)
class ListsHome:
    """The lists page."""

    now: datetime
    page: Page
    rows: list[VersionRow]
    lists: list[ListRow]
    entries: int
    waiting: list[VersionRow]


def leading_ids(now: datetime) -> set[int]:
    """Of each source, the version that began to bind last."""
    found: dict[int, int] = {}
    rows = ListVersion.objects.in_force(now).order_by("effective_at", "pk").values_list("source_id", "pk")
    found.update(rows)
    return set(found.values())


def entries_by_list(now: datetime) -> list[ListRow]:
    """All lists we know, the longest first, with their entries in force."""
    rows = EntryRevision.objects.in_force(now).order_by().values_list("entry__list_code")
    counts = dict(rows.annotate(Count("entry", distinct=True)))  # an entry that two sources print is one
    listed = [ListRow(LIST_POLICIES[code], counts.get(code, 0)) for code in LIST_CODES]
    return sorted(listed, key=lambda row: -row.entries)


def lists_home(user: User, number: str | None = None) -> ListsHome:
    """Versions, newest first, with what of each list is in force. Empty without the permission to read."""
    now = timezone.now()
    versions = ListVersion.objects.select_related("source", "raw_file")
    versions = versions.defer("problems", "list_counts", "notes", "raw_file__content_gz")
    if not user.has_permission(Permission.DESK_READ):
        versions = versions.none()
    leads = leading_ids(now)
    page = Paginator(versions, VERSIONS_PER_PAGE).get_page(number)
    waiting = versions.filter(state__in=[VersionState.READY, VersionState.HELD, VersionState.PENDING])
    lists = entries_by_list(now)

    return ListsHome(
        now=now,
        page=page,
        rows=[version_row(version, now, leads) for version in page],
        lists=lists,
        entries=sum(item.entries for item in lists),
        waiting=[
            version_row(version, now, leads) for version in waiting[:5] if version.state_at(now) != VersionState.ACTIVE
        ],
    )
