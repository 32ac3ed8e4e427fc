"""When each source is looked at again, and the jobs that do it. A missed beat loses nothing: the sweep asks too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.watchlists.attempts import FAILING
from compliance.watchlists.fetching import FETCH
from compliance.watchlists.models import FetchAttempt, FetchOutcome, ListSource
from compliance.watchlists.sources import REGISTER, SOURCES, Source, addresses_of, watched_source
from compliance.watchlists.times import WASHINGTON
from compliance.watchlists.watching import WATCH

FIRST_RETRY = timedelta(minutes=15)
DAY = timedelta(days=1)
KINDS = (FETCH, WATCH)
ASK = "lists.ask_for_source"  # the task that beat sends, see config/beats.py


@dataclass(frozen=True)
class Look:
    """The last look at a source. `failing_since`: the first of the looks in a row that gave nothing, if it did."""

    attempt_id: int
    started_at: datetime
    failing_since: datetime | None


def next_look(source: Source, last: Look | None) -> datetime | None:
    """When a source is due again; None: at once, for it was never looked at.

    After a failure sooner: as long after it as the source has been failing, from 15 minutes up to its rhythm. So
    the pauses double.
    """
    if last is None:
        return None
    rhythm = source.every or DAY
    regular = last.started_at + rhythm if source.daily_at is None else next_hour(source.daily_at, last.started_at)
    if last.failing_since is None:
        return regular
    pause = max(FIRST_RETRY, last.started_at - last.failing_since)
    return min(regular, last.started_at + min(pause, rhythm))


def next_hour(hour_minute: tuple[int, int], after: datetime) -> datetime:
    """The next time that clocks in Washington show this hour, later than `after`."""
    day = after.astimezone(WASHINGTON).date()
    at = datetime.combine(day, time(*hour_minute), WASHINGTON)
    return at if at > after else datetime.combine(day + DAY, time(*hour_minute), WASHINGTON)


def last_looks() -> dict[str, Look | None]:
    """Every stored source with its last look, in one query. A look still running counts as one that gave nothing."""
    attempts = FetchAttempt.objects.filter(source=OuterRef("pk")).order_by("-pk")
    good = attempts.exclude(outcome__in=[*FAILING, FetchOutcome.RUNNING])
    failed = FetchAttempt.objects.filter(source=OuterRef("pk"), pk__gt=OuterRef("last_good")).order_by("pk")
    rows = (
        ListSource.objects.annotate(
            last=Subquery(attempts.values("pk")[:1]),
            started=Subquery(attempts.values("started_at")[:1]),
            last_good=Coalesce(Subquery(good.values("pk")[:1]), Value(0)),
        )
        .annotate(failing_since=Subquery(failed.values("started_at")[:1]))
        .values_list("key", "last", "started", "failing_since")
    )
    return {key: Look(last, started, failing) if last else None for key, last, started, failing in rows}


def is_fetched_here(source: Source) -> bool:
    """Whether the source has an address. One with a wrong setting has: its check fails and says what is wrong."""
    try:
        return bool(addresses_of(source, settings.LIST_ADDRESSES))
    except ValueError:
        return True


def fetched_sources(stored_keys: Iterable[str]) -> list[Source]:
    """All sources that are fetched here: those of the table, data sets that were loaded once, and the watch."""
    more = [source for key in stored_keys if key not in SOURCES and (source := watched_source(key)) is not None]
    every = [*SOURCES.values(), *(source for source in more if source.key != REGISTER.key), REGISTER]
    return [source for source in every if is_fetched_here(source)]


def ask(source: Source, *, requested_by: str = "") -> Job:
    """Leave the job that looks at this source; while one waits, that one is returned."""
    return jobs.enqueue(WATCH if source.key == REGISTER.key else FETCH, key=source.key, requested_by=requested_by)


def ask_at_beat(key: str) -> bool:
    """What beat does at the hour of a source: ask for it, unless fetching is off or somebody is at it."""
    source = watched_source(key)
    if not settings.LIST_FETCHING or source is None or not is_fetched_here(source) or key in busy_keys():
        return False
    ask(source)
    return True


def busy_keys() -> set[str]:
    """The sources that a job waits for or works on."""
    unfinished = Job.objects.filter(kind__in=KINDS, state__in=[JobState.QUEUED, JobState.RUNNING])
    return set(unfinished.values_list("key", flat=True))


@jobs.sweeper
def find_due_fetches() -> int:
    """Ask for every source whose time has come. Nothing while LIST_FETCHING is off. Returns how many."""
    if not settings.LIST_FETCHING:
        return 0
    looks, busy, now, count = last_looks(), busy_keys(), timezone.now(), 0
    for source in fetched_sources(looks):
        due = next_look(source, looks.get(source.key))
        if source.key not in busy and (due is None or due <= now):
            ask(source)
            count += 1
    return count
