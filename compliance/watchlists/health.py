"""How old what we hold of each source is, and what is stale: not looked at with success within its period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from compliance.watchlists.models import EntryRevision, FetchAttempt, ListSource, ListVersion
from compliance.watchlists.schedule import fetched_sources, last_looks, next_look
from compliance.watchlists.sources import REGISTER, Source, watched_source

HealthState = Literal["current", "stale", "never loaded", "by hand"]


@dataclass(frozen=True)
class SourceHealth:
    """One source as it stands. `age`: since the last good check; `next_due` is None when it is not fetched here.

    "by hand" never grows old; "never loaded" has nothing in force. The watch of the Federal Register carries no
    list: once it looked, or tried to, it is current or stale.
    """

    source: Source
    state: HealthState
    checked_at: datetime | None
    age: timedelta | None
    last_attempt: FetchAttempt | None
    next_due: datetime | None
    version: ListVersion | None
    entries: int

    @property
    def key(self) -> str:
        return self.source.key

    @property
    def title(self) -> str:
        return self.source.title

    @property
    def period(self) -> timedelta | None:
        return self.source.period


@dataclass(frozen=True)
class StaleSource:
    """A source in use whose last good check is longer ago than its period; `checked_at` None: it had none."""

    source: Source
    checked_at: datetime | None
    age: timedelta | None

    @property
    def key(self) -> str:
        return self.source.key

    @property
    def title(self) -> str:
        return self.source.title

    @property
    def sentence(self) -> str:
        """What everybody is told who relies on this source."""
        limit = span(self.source.period or timedelta())
        since = f"was last checked {span(self.age)} ago" if self.age is not None else "was never checked"
        risk = "A rule may be out." if self.source.key == REGISTER.key else "What is listed may have changed."
        return f"{self.title} {since} (limit {limit}). {risk}"


def span(length: timedelta) -> str:
    """A length of time, short: "45 min", "31 h", "3 d"."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def is_stale(source: Source, checked_at: datetime | None, now: datetime) -> bool:
    """Whether a source in use is older than its period. One that was never checked is; one without a period never."""
    return source.period is not None and (checked_at is None or now - checked_at > source.period)


def stale_of(rows: Iterable[Mapping[str, Any]], now: datetime) -> list[StaleSource]:
    """The stale ones among rows of stored sources, each with key, checked_at and `current`: has a version in force."""
    found = []
    for row in rows:
        source = watched_source(row["key"])
        if source is None or not (row["current"] or source.key == REGISTER.key):
            continue
        checked_at = row["checked_at"]
        if is_stale(source, checked_at, now):
            found.append(StaleSource(source, checked_at, now - checked_at if checked_at else None))
    return sorted(found, key=lambda each: (each.source.leads, each.key))


def stale_sources(now: datetime | None = None) -> list[StaleSource]:
    """The sources in use that are stale, those that lead first; one query."""
    now = now or timezone.now()
    in_force = ListVersion.objects.in_force(now).filter(source=OuterRef("pk"))
    rows = ListSource.objects.annotate(current=Exists(in_force)).values("key", "checked_at", "current")
    return stale_of([dict(row) for row in rows], now)


def health(now: datetime | None = None) -> list[SourceHealth]:
    """Every source that is stored or fetched here, in the order of the table; five queries at any size."""
    now = now or timezone.now()
    looks = last_looks()
    stored = {row.key: row for row in ListSource.objects.defer("validators")}
    attempts = FetchAttempt.objects.select_related("version").defer("version__problems", "version__list_counts")
    last = attempts.in_bulk([look.attempt_id for look in looks.values() if look])
    rows = ListVersion.objects.in_force(now).defer("problems").order_by("effective_at", "pk")
    versions = {version.source_id: version for version in rows}  # the one that began to bind last
    texts = EntryRevision.objects.in_force(now).order_by().values_list("version__source")
    entries: dict[int, int] = dict(texts.annotate(Count("entry", distinct=True)))
    found = []
    here = {source.key: source for source in fetched_sources(looks)}
    others = {key: source for key in stored if key not in here and (source := watched_source(key)) is not None}
    for source in (*here.values(), *others.values()):
        row, look = stored.get(source.key), looks.get(source.key)
        checked_at = row.checked_at if row else None
        version = versions.get(row.pk) if row else None
        found.append(
            SourceHealth(
                source=source,
                state=state_of(source, checked_at, now, is_used=bool(version or (row and source.key == REGISTER.key))),
                checked_at=checked_at,
                age=now - checked_at if checked_at else None,
                last_attempt=last.get(look.attempt_id) if look else None,
                next_due=(next_look(source, look) or now) if source.key in here and settings.LIST_FETCHING else None,
                version=version,
                entries=entries.get(row.pk, 0) if row else 0,
            )
        )
    return found


def state_of(source: Source, checked_at: datetime | None, now: datetime, *, is_used: bool) -> HealthState:
    """The one word on a source. Nothing in force comes first: what isn't used can't be stale."""
    if not is_used:
        return "never loaded"
    if source.period is None:
        return "by hand"
    return "stale" if is_stale(source, checked_at, now) else "current"
