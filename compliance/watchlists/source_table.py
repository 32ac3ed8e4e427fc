"""The table of list sources on the lists page: what each carries, how old it is, and what the last look gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.permissions import Permission
from compliance.watchlists.health import SourceHealth, health, span
from compliance.watchlists.schedule import is_fetched_here
from compliance.watchlists.selectors import StatePill
from compliance.watchlists.source_selectors import list_titles, outcome_pill
from compliance.watchlists.sources import REGISTER, SOURCES, Source, watched_source

HEALTH_PILLS = {
    "current": ("Current", "ok", "check"),
    "stale": ("Stale", "bad", "alert"),
    "by hand": ("By hand", "neu", "user"),
    "never loaded": ("Never loaded", "neu", "minus"),
}


@dataclass(frozen=True)
class SourceRow:
    """One source as a line of the table. `next`: in words, "" where `health.next_due` says it."""

    health: SourceHealth
    lists: list[str]
    pill: StatePill
    outcome: StatePill | None
    age: str
    limit: str
    next: str

    @property
    def facts(self) -> Source:
        return self.health.source

    @property
    def is_used(self) -> bool:
        """Whether something of it is in force, or somebody looked at it: the others are only known."""
        return self.health.version is not None or self.health.last_attempt is not None

    @property
    def is_stale(self) -> bool:
        return self.health.state == "stale"


def source_rows(user: User) -> list[SourceRow]:
    """Every source that is known, those in use first; in a number of queries that grows with nothing."""
    if not user.has_permission(Permission.DESK_READ):
        return []
    now = timezone.now()
    found = health(now)
    there = {each.key for each in found}
    found += [unused(source) for source in SOURCES.values() if source.key not in there]
    rows = [row_of(each, now) for each in found]
    return sorted(rows, key=lambda row: (row.health.version is None, row.facts.key == REGISTER.key))


def source_row(key: str, user: User) -> SourceRow | None:
    """One source as a line of the table; None for a key that nothing knows."""
    known = next((row for row in source_rows(user) if row.health.key == key), None)
    source = watched_source(key)
    if known or source is None or not user.has_permission(Permission.DESK_READ):
        return known
    return row_of(unused(source), timezone.now())


def unused(source: Source) -> SourceHealth:
    """A source that was never stored and is not fetched here."""
    return SourceHealth(source, "never loaded", None, None, None, None, None, 0)


def row_of(each: SourceHealth, now: datetime) -> SourceRow:
    return SourceRow(
        health=each,
        lists=list_titles(each.source),
        pill=health_pill(each),
        outcome=outcome_pill(each.last_attempt.outcome) if each.last_attempt else None,
        age=span(each.age) if each.age is not None else "",
        limit=span(each.period) if each.period else "",
        next=next_words(each, now),
    )


def next_words(each: SourceHealth, now: datetime) -> str:
    """Why there is no time of the next check, or that it is due; "" where the time says it."""
    if not is_fetched_here(each.source):
        return "by hand"
    if each.next_due is None or not settings.LIST_FETCHING:
        return "only when asked"
    return "due now" if each.next_due <= now else ""


def health_pill(each: SourceHealth) -> StatePill:
    """The state in words; a stale one says its limit, and the watch of the Federal Register loads nothing."""
    text, tone, icon = HEALTH_PILLS[each.state]
    if each.state == "stale" and each.period:
        text = f"Stale, limit {span(each.period)}"
    if each.state == "never loaded" and not each.source.lists:
        text = "Never checked"
    return StatePill(text, tone, icon)
