"""What the pages of the list sources show: health, addresses, versions as a chart, and the looks at each source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import F
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.permissions import Permission
from compliance.jobs.models import Job
from compliance.watchlists.charts import BarChart, day_label, paired, single
from compliance.watchlists.checks import last_check
from compliance.watchlists.effects import LIST_POLICIES
from compliance.watchlists.models import FetchAttempt, FetchOutcome, ListVersion
from compliance.watchlists.schedule import is_fetched_here
from compliance.watchlists.selectors import StatePill, VersionRow, leading_ids, version_row
from compliance.watchlists.sources import RULE, SOURCES, Source, addresses_of, index_of, watched_source
from compliance.watchlists.times import WASHINGTON

VERSIONS_PER_PAGE = 25
ATTEMPTS_SHOWN = 20
CHARTED = 60  # versions
ENTRIES_HEIGHT, CHANGES_HEIGHT = 120, 84  # pixels
OUTCOME_PILLS: dict[str, tuple[str, str]] = {
    FetchOutcome.RUNNING: ("inf", "spin"),
    FetchOutcome.NEW: ("ok", "check"),
    FetchOutcome.UNCHANGED: ("neu", "minus"),
    FetchOutcome.REFUSED: ("bad", "x"),
    FetchOutcome.FAILED: ("bad", "alert"),
}


@dataclass(frozen=True)
class AttemptRow:
    """One look at a source with its outcome in words."""

    attempt: FetchAttempt
    pill: StatePill


@dataclass(frozen=True)
class ChartPoint:
    """One version in the chart. `entries`: on the lists of this source after it, None where that is not known."""

    version: ListVersion
    entries: int | None


@dataclass(frozen=True)
class VersionsChart:
    """Entries, and additions and removals, over the last versions that came into force."""

    points: list[ChartPoint]
    entries: BarChart
    changes: BarChart
    entries_words: str
    changes_words: str
    days: list[tuple[str, str, str]]


@dataclass(frozen=True)
class SourcePage:
    """The page of one source."""

    now: datetime
    facts: Source
    lists: list[str]
    addresses: list[tuple[str, str]]
    page: Page
    versions: list[VersionRow]
    chart: VersionsChart | None
    attempts: list[AttemptRow]
    job: Job | None
    can_check: bool
    can_load: bool


def list_titles(source: Source) -> list[str]:
    return [LIST_POLICIES[code].title for code in source.lists if code in LIST_POLICIES]


def place_of(address: str) -> str:
    """Host and path of an address; never its query, which may hold a key, nor its credentials."""
    if address.startswith("{"):
        return "the file that this page links"
    parts = urlsplit(address)
    return f"{parts.hostname or ''}{parts.path}"


def places_of(source: Source) -> list[tuple[str, str]]:
    """Where a source is fetched: (file or use, host and path), the page that fills a placeholder first."""
    try:
        addresses = addresses_of(source, settings.LIST_ADDRESSES)
        index = index_of(source, settings.LIST_ADDRESSES)
    except ValueError as error:
        return [("setting", str(error))]
    named = [(name if len(addresses) > 1 else "file", place_of(address)) for name, address in addresses.items()]
    return [("looked up on", place_of(index)), *named] if index else named


def source_page(key: str, user: User, number: str | None = None) -> SourcePage | None:
    """One source with its versions and the looks at it. None for a key that nothing knows."""
    facts = watched_source(key)
    if facts is None or not user.has_permission(Permission.DESK_READ):
        return None
    now = timezone.now()
    rows = ListVersion.objects.filter(source__key=key).select_related("source", "raw_file")
    rows = rows.defer("problems", "list_counts", "notes", "raw_file__content_gz")
    page = Paginator(rows, VERSIONS_PER_PAGE).get_page(number)
    leads = leading_ids(now)
    can_load = user.has_permission(Permission.LIST_LOAD)
    attempts = FetchAttempt.objects.filter(source__key=key).select_related("version")
    return SourcePage(
        now=now,
        facts=facts,
        lists=list_titles(facts),
        addresses=places_of(facts),
        page=page,
        versions=[version_row(version, now, leads) for version in page],
        chart=versions_chart(charted_versions(key, now)),
        attempts=[attempt_row(row) for row in attempts.defer("version__problems")[:ATTEMPTS_SHOWN]],
        job=last_check(key),
        can_check=can_load and is_fetched_here(facts),
        can_load=can_load and bool(facts.lists),
    )


def attempt_row(attempt: FetchAttempt) -> AttemptRow:
    return AttemptRow(attempt, outcome_pill(attempt.outcome))


def outcome_pill(outcome: str) -> StatePill:
    tone, icon = OUTCOME_PILLS[outcome]
    return StatePill(str(FetchOutcome(outcome).label), tone, icon)


# --- loading by hand -------------------------------------------------------------------------------------------------

# What a person chooses for each parser, in the words of the page.
FILES = {
    "csl": "consolidated.csv or consolidated.json, as downloaded; .gz is fine.",
    "ecfr744": "The XML of title 15, part 744, of one day; .gz is fine.",
    "dpl": "The text or CSV file that the page of BIS links; tab-separated as published.",
    "ofac": "The CSV files together (primary, alternate names, addresses, comments), a .zip of them, or the XML.",
    "un": "The consolidated list as XML.",
    "uk": "The UK Sanctions List as CSV.",
    "form": "The CSV form below, filled in by hand.",
}


@dataclass(frozen=True)
class UploadHint:
    """Which file a source is, and where it comes from."""

    key: str
    title: str
    file: str
    publisher: str
    places: list[str]


def upload_hints() -> list[UploadHint]:
    """One hint for each choice of the upload form."""
    rule = UploadHint(
        RULE, "A rule in JSON (a change)", "Our JSON form of a rule: what it adds, revises and removes.",
        "Written by hand from the Federal Register", [],
    )  # fmt: skip
    hints = [
        UploadHint(
            source.key, source.title, FILES.get(source.parser, ""), source.publisher,
            [place for _name, place in places_of(source)],
        )
        for source in SOURCES.values()
    ]  # fmt: skip
    data_set = UploadHint(
        "os", "OpenSanctions data set", "entities.ftm.json of one data set, whose name is given beside it.",
        "OpenSanctions", ["data.opensanctions.org"],
    )  # fmt: skip
    return [rule, *hints, data_set]


# --- the chart -------------------------------------------------------------------------------------------------------


def charted_versions(key: str, now: datetime) -> list[ListVersion]:
    """The last versions of a source that came into force, the oldest first."""
    rows = ListVersion.objects.watched().filter(source__key=key, effective_at__lte=now)
    shown = rows.only("title", "form", "effective_at", "entries", "added", "modified", "removed", "cosmetic")
    return list(reversed(shown.order_by(F("effective_at").desc(), "-pk")[:CHARTED]))


def versions_chart(versions: Sequence[ListVersion]) -> VersionsChart | None:
    """The chart of these versions; None below two, where there is nothing to compare."""
    if len(versions) < 2:
        return None
    points, count = [], None if len(versions) == CHARTED else 0
    for version in versions:
        count = entries_after(version, count)
        points.append(ChartPoint(version, count))
    known = [point.entries for point in points if point.entries is not None]
    ups, downs = [v.added for v in versions], [v.removed for v in versions]
    return VersionsChart(
        points=points,
        entries=single([point.entries for point in points], height=ENTRIES_HEIGHT),
        changes=paired(ups, downs, height=CHANGES_HEIGHT),
        entries_words=f"Entries went from {known[0]:,} to {known[-1]:,} over {len(versions)} versions."
        if known
        else f"The number of entries is not known for these {len(versions)} versions.",
        changes_words=f"{sum(ups):,} entries were added and {sum(downs):,} removed; "
        f"the most at once were {max(ups):,} added and {max(downs):,} removed.",
        days=[day_label(number, len(versions), day_of(versions[number])) for number in (0, len(versions) - 1)],
    )


def day_of(version: ListVersion) -> str:
    """The day from which a version is in force, in Washington, ISO."""
    return version.effective_at.astimezone(WASHINGTON).date().isoformat() if version.effective_at else ""


def entries_after(version: ListVersion, before: int | None) -> int | None:
    """Entries after a version: those of a whole list, or of the version before with the change put on it."""
    if version.form == "whole":
        return version.entries
    return None if before is None else before + version.added - version.removed
