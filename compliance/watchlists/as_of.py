"""What was in force at one instant as it was known at another: entries with each source's text, in its words then."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from compliance.core.errors import Invalid
from compliance.watchlists.models import DeltaOp, Entry, EntryRevision, ListDelta, ListSource, ListVersion
from compliance.watchlists.models import SupplementaryName as Supplementary
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.querysets import EntryRevisionQuerySet
from compliance.watchlists.sources import rank_of
from compliance.watchlists.times import WASHINGTON, moment

USED = ("pending", "active", "superseded")
# What of a version is long and not needed beside an entry's text.
LONG_PARTS = tuple(
    f"version__{name}" for name in ("problems", "notes", "list_counts", "problem_counts", "reasons", "warnings")
)
YEARS = range(1950, 2201)


@dataclass(frozen=True)
class Clocks:
    """Two clocks: what binds `at` an instant, as it was `known` at another."""

    at: datetime
    known: datetime

    @classmethod
    def now(cls) -> Clocks:
        """Both at this instant."""
        now = timezone.now()
        return cls(now, now)


def instant(text: str | None, what: str) -> datetime | None:
    """`times.moment` for what people and programs ask about: years 1950 to 2200. Raises Invalid."""
    found = moment(text, what)
    if found is not None and found.year not in YEARS:
        raise Invalid(f"The {what} “{text}” lies outside 1950 to 2200. Write it like 2019-10-09.")
    return found


def clocks_of(at: str | None, known: str | None) -> Clocks:
    """The clocks of a request; what is empty means now. Raises Invalid, naming the field and how to write it."""
    now = timezone.now()
    believed = instant(known, "time known") or now
    if believed > now:
        raise Invalid("The time known lies ahead: nobody knows yet what will be known then. Leave it empty for now.")
    return Clocks(instant(at, "time in force") or now, believed)


@dataclass(frozen=True)
class SourceText:
    """What one source prints of an entry: the revision that binds, and how it reads after cosmetic changes."""

    revision: EntryRevision
    listed: ListedEntry

    @property
    def source(self) -> ListSource:
        """Where the text is from."""
        return self.revision.version.source


def leading_first(texts: Iterable[SourceText]) -> tuple[SourceText, ...]:
    """The source that is believed first; of one source, the text that binds since last."""
    never = datetime.min.replace(tzinfo=UTC)
    newest = sorted(texts, key=lambda text: (text.revision.effective_from or never, text.revision.pk), reverse=True)
    return tuple(sorted(newest, key=lambda text: (rank_of(text.source.key), text.source.key)))


def in_force_then(clocks: Clocks, *, list_code: str = "", words: str = "", source: str = "") -> EntryRevisionQuerySet:
    """The texts in force at those clocks: of one list, with these words in a name, of one source."""
    rows = EntryRevision.objects.in_force_as_known(clocks.at, clocks.known)
    if list_code:
        rows = rows.filter(entry__list_code=list_code)
    if source:
        rows = rows.filter(version__source__key=source)
    if words:
        stored = json.dumps(words)[1:-1]  # a JSON field keeps letters of other scripts as escapes on SQLite
        named = names_then(clocks).filter(text__icontains=words).values("entry")
        rows = rows.filter(
            Q(name__icontains=words)
            | Q(text__aliases__icontains=words)
            | Q(text__aliases__icontains=stored)
            | Q(entry__in=named)
        )
    return rows


def names_then(clocks: Clocks) -> QuerySet:
    """The supplementary names that were attached at the time known."""
    off = Q(withdrawn_at=None) | Q(withdrawn_at__gt=clocks.known)
    return Supplementary.objects.filter(off, added_at__lte=clocks.known)


def names_of(entry_ids: Iterable[int], clocks: Clocks) -> dict[int, list[Supplementary]]:
    """Those names by entry, the oldest first. One query."""
    found: dict[int, list[Supplementary]] = defaultdict(list)
    for name in names_then(clocks).filter(entry__in=list(entry_ids)).select_related("added_by").order_by("pk"):
        found[name.entry_id].append(name)
    return found


def counts_then(rows: EntryRevisionQuerySet) -> dict[str, int]:
    """Entries of each list among these texts, the longest list first; one that two sources print counts once."""
    counted = rows.order_by().values_list("entry__list_code").annotate(entries=Count("entry", distinct=True))
    return dict(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


def ids_in_order(rows: EntryRevisionQuerySet) -> QuerySet:
    """The ids of the entries, by name."""
    return rows.order_by().values("entry").annotate(first=Min("name")).order_by("first", "entry").values_list(
        "entry", flat=True
    )  # fmt: skip


def texts_then(entry_ids: Sequence[int], clocks: Clocks) -> dict[int, tuple[SourceText, ...]]:
    """What the sources printed of these entries then, the leading text first. Two queries."""
    rows = (
        EntryRevision.objects.in_force_as_known(clocks.at, clocks.known)
        .filter(entry__in=entry_ids)
        .select_related("entry", "version__source", "ended_by")
        .defer(*LONG_PARTS, *(name.replace("version__", "ended_by__", 1) for name in LONG_PARTS))
    )
    return by_entry(with_wordings(rows, clocks))


def with_wordings(rows: Iterable[EntryRevision], clocks: Clocks) -> list[SourceText]:
    """Each text as it read then: a cosmetic change replaces the wording and not the revision. One query more."""
    revisions = list(rows)
    cosmetic = ListDelta.objects.filter(
        op=DeltaOp.COS, before__in=[row.pk for row in revisions], version__state__in=USED,
        version__effective_at__lte=clocks.at, version__activated_at__lte=clocks.known,
    )  # fmt: skip
    read: dict[int | None, ListedEntry] = {
        before: ListedEntry.from_dict(text)
        for before, text in cosmetic.order_by("version__effective_at", "pk").values_list("before_id", "text")
        if text
    }
    return [SourceText(row, read.get(row.pk) or row.listed) for row in revisions]


def by_entry(texts: Iterable[SourceText]) -> dict[int, tuple[SourceText, ...]]:
    found: dict[int, list[SourceText]] = defaultdict(list)
    for text in texts:
        found[text.revision.entry_id].append(text)
    return {entry_id: leading_first(of_entry) for entry_id, of_entry in found.items()}


# --- one day ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnDay:
    """An entry on a day of Washington's calendar: the texts that bound on it, the one to read first.

    `turns`: instants inside the day at which a text of the leading source began or ended; the last one is read.
    """

    day: date
    texts: tuple[SourceText, ...]
    turns: tuple[datetime, ...] = ()

    @property
    def leading(self) -> SourceText | None:
        """The text to read, or None when none was in force."""
        return self.texts[0] if self.texts else None


def on_day(entry: Entry, day: date) -> OnDay:
    """What bound on a day, by what is known now. Two queries. Raises Invalid for a year outside 1950 to 2200."""
    if day.year not in YEARS:
        raise Invalid(f"The day {day.isoformat()} lies outside 1950 to 2200. Write it like 2019-10-15.")
    begins = datetime.combine(day, time.min, WASHINGTON)
    ends = datetime.combine(day + timedelta(days=1), time.min, WASHINGTON)
    rows = (
        entry.revisions.filter(known_from__isnull=False, known_to=None, effective_from__lt=ends)
        .filter(Q(effective_to=None) | Q(effective_to__gt=begins))
        .select_related("entry", "version__source")
        .defer(*LONG_PARTS)
    )
    texts = leading_first(with_wordings(rows, Clocks(ends - timedelta(microseconds=1), timezone.now())))
    if not texts:
        return OnDay(day, ())
    of_leading = [text.revision for text in texts if text.source == texts[0].source]
    edges = {edge for row in of_leading for edge in (row.effective_from, row.effective_to) if edge}
    return OnDay(day, texts, tuple(sorted(edge for edge in edges if begins < edge < ends)))


def later_notices(entry: Entry, then: OnDay) -> tuple[tuple[str, str], ...]:
    """Notices that texts known now cite, of days up to that one, and that came after the text read for the day.

    Their wording on that day is not stored: the answer for it rests on an older text. One query.
    """
    text = then.leading
    if text is None:
        return ()
    own = text.listed
    known = [day for _cite, day in own.citations if day] + [own.start_date]
    if text.revision.effective_from:
        known.append(text.revision.effective_from.astimezone(WASHINGTON).date().isoformat())
    since, cited = max(known), {cite for cite, _day in own.citations}
    rows = entry.revisions.filter(known_from__isnull=False, known_to=None)
    found = {
        (str(cite), str(day))
        for pairs in rows.values_list("text__citations", flat=True)
        for cite, day in pairs or ()
        if day and since < day <= then.day.isoformat() and cite not in cited
    }
    return tuple(sorted(found, key=lambda pair: pair[1]))


def later_words(notices: Iterable[tuple[str, str]]) -> str:
    """What that means, for a page and for the API; "" without such a notice."""
    cited = ", ".join(f"{cite} of {day}" for cite, day in notices)
    return (
        f"The entry cites {cited}, between the text read here and that day. How it read after that is not stored: "
        "read the notice yourself."
        if cited
        else ""
    )


def first_text(entry: Entry) -> EntryRevision | None:
    """The earliest text that we hold of an entry, for saying from when on it can be asked about."""
    rows = entry.revisions.filter(known_from__isnull=False, known_to=None, effective_from__isnull=False)
    return rows.order_by("effective_from", "pk").first()


# --- footnotes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Footnote:
    """A footnote sign of an entry with its stored text, or "" when no version of the source holds it."""

    sign: str
    text: str


def footnotes_then(signs: Sequence[str], text: SourceText | None, at: datetime) -> list[Footnote]:
    """The texts of the signs as the source's latest version in force had them. One query, none without a sign."""
    if not signs or text is None:
        return []
    versions = ListVersion.objects.filter(source=text.source, state__in=USED, effective_at__lte=at).exclude(notes=[])
    notes = versions.order_by("-effective_at", "-pk").values_list("notes", flat=True).first() or []
    stored = dict(notes)
    return [Footnote(sign, stored.get(f"footnote {sign}", "")) for sign in signs]
