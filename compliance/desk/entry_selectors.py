"""What the page of one entry shows: what each source prints of it, its life, its meaning, and whom it touches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, Max, OuterRef, Q

from compliance.accounts.models import User
from compliance.cases.models import CaseMatch, Hold
from compliance.core.permissions import Permission
from compliance.counterparties.models import Counterparty
from compliance.desk.entry_life import Life, Small, life_of
from compliance.desk.entry_meaning import EffectRow, TextReading, effect_rows, readings_of
from compliance.licenses.models import LicenseRequest
from compliance.runs.models import Match
from compliance.watchlists import as_of
from compliance.watchlists.as_of import LONG_PARTS, USED, Clocks, Footnote, SourceText
from compliance.watchlists.differences import FIELDS, FieldChange, field_changes, word_changes
from compliance.watchlists.effects import LIST_POLICIES, ListPolicy, footnotes_of
from compliance.watchlists.models import (
    DeltaOp,
    Entry,
    EntryRevision,
    KeyChange,
    ListDelta,
    Relation,
    SourceConflict,
    SupplementaryName,
)
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.selectors import StatePill
from compliance.watchlists.sources import rank_of
from compliance.watchlists.times import time_left

TOUCHED_PER_PAGE = 25
SMALL_SHOWN = 40


@dataclass(frozen=True)
class RevisionRow:
    """One text of an entry with the interval over which it binds."""

    revision: EntryRevision
    state: str
    tone: str
    icon: str
    changes: list[FieldChange]


@dataclass(frozen=True)
class SmallRow:
    """A change that ended no text: a cosmetic one with its words, or a new key in the source."""

    at: datetime | None
    delta: ListDelta | None
    key_change: KeyChange | None
    changes: list[FieldChange]


@dataclass(frozen=True)
class MarkedWord:
    """A piece of a text; `mark` "miss": the other source does not print it."""

    text: str
    mark: str


@dataclass(frozen=True)
class ConflictRow:
    """A field that two sources print differently, both sides marked word by word."""

    field: str
    source: str
    leading: tuple[MarkedWord, ...]
    other: tuple[MarkedWord, ...]


@dataclass(frozen=True)
class RelatedRow:
    """A split or a merge: in which version, and between which entries."""

    words: str
    entry: Entry
    delta: ListDelta


@dataclass(frozen=True)
class TouchRow:
    """A counterparty that the entry touches: how strongly it matches, what was decided, what rests on it."""

    party: Counterparty
    score: object
    band: str
    stands: bool
    case_match: CaseMatch | None
    holds: list[Hold]
    requests: list[LicenseRequest]


@dataclass(frozen=True)
class EntryPage:
    """The page of one entry. `clocks`: the instants asked about; `as_of`: they were asked for and are not just now."""

    entry: Entry
    clocks: Clocks
    as_of: bool
    now: datetime
    revision: EntryRevision
    listed: ListedEntry
    texts: tuple[SourceText, ...]
    policy: ListPolicy
    pill: StatePill
    gone_from: list[EntryRevision]
    conflicts: list[ConflictRow]
    rows: list[RevisionRow]
    small: list[SmallRow]
    small_total: int
    life: Life | None
    effects: list[EffectRow]
    readings: list[TextReading]
    footnotes: list[Footnote]
    names: list[SupplementaryName]
    may_name: bool
    related: list[RelatedRow]
    touched: Page
    touches: list[TouchRow]

    @property
    def leading(self) -> SourceText | None:
        return self.texts[0] if self.texts else None

    @property
    def others(self) -> tuple[SourceText, ...]:
        """What the sources print that don't lead."""
        return self.texts[1:]

    @property
    def was_part_of(self) -> list[Entry]:
        """The entries that this one was split from, whose text spoke for it before."""
        return [row.entry for row in self.related if row.words == "split from"]

    @property
    def is_to_read(self) -> bool:
        """Whether a part of its texts is left to a person."""
        return any(reading.left_over for reading in self.readings)


def entry_page(
    entry: Entry, user: User, *, clocks: Clocks | None = None, number: str | None = None
) -> EntryPage | None:
    """The entry as it reads, or read at `clocks`, with every text it had. None while it is proposed and unnamed."""
    current = Clocks.now()
    asked = clocks or current
    heavy = (*LONG_PARTS, *(part.replace("version__", "ended_by__", 1) for part in LONG_PARTS))
    revisions = list(
        entry.revisions.select_related("entry", "version__source", "ended_by").defer(*heavy).order_by("pk")
    )
    if not revisions:
        return None
    now = current.at
    texts = as_of.texts_then([entry.pk], asked).get(entry.pk, ())
    coming = [r for r in revisions if r.known_from and not r.known_to and r.effective_from and r.effective_from > now]
    shown = texts[0].revision if texts else (coming[0] if coming else revisions[-1])
    listed = texts[0].listed if texts else shown.listed
    deltas = list(
        ListDelta.objects.filter(Q(entry=entry) | Q(related=entry))
        .select_related("version__source", "entry", "related")
        .defer(*LONG_PARTS, "text")
        .order_by("pk")
    )
    keys = list(entry.key_changes.select_related("version__source").defer(*LONG_PARTS))
    touched, touches = touches_of(entry, user, number)
    small = small_rows(entry, deltas, keys)
    return EntryPage(
        entry=entry,
        clocks=asked,
        as_of=clocks is not None,
        now=now,
        revision=shown,
        listed=listed,
        texts=texts,
        policy=LIST_POLICIES[entry.list_code],
        pill=then_pill(texts) if clocks else now_pill(texts, coming, shown, now),
        gone_from=[] if clocks else gone_from(revisions, texts, now),
        conflicts=[] if clocks else conflict_rows(entry),  # they are of now
        rows=revision_rows(revisions, deltas, now),
        small=small[:SMALL_SHOWN],
        small_total=len(small),
        life=life_of(revisions, small_changes(small), now, LIST_POLICIES[entry.list_code].title),
        effects=effect_rows(entry.list_code, listed),
        readings=readings_of(listed),
        footnotes=as_of.footnotes_then(footnotes_of(listed), texts[0] if texts else None, asked.at)
        if entry.list_code == "EL"
        else [],
        names=names_rows(entry, asked),
        may_name=user.has_permission(Permission.LIST_NAME),
        related=related_rows(entry, deltas),
        touched=touched,
        touches=touches,
    )


# --- state -----------------------------------------------------------------------------------------------------------


def now_pill(
    texts: tuple[SourceText, ...], coming: list[EntryRevision], shown: EntryRevision, now: datetime
) -> StatePill:
    """Whether the entry binds now, by any source."""
    if texts:
        until = texts[0].revision.effective_to
        if until:
            return StatePill(f"In force, changes in {time_left(until, now)}", "warn", "clock")
        return StatePill("In force", "bad", "list")
    if coming and coming[0].effective_from:
        return StatePill(f"Coming, binds in {time_left(coming[0].effective_from, now)}", "warn", "clock")
    if shown.known_from is None:
        return StatePill("Proposed, not activated", "inf", "dot")
    return StatePill("Left the list", "neu", "minus")


def then_pill(texts: tuple[SourceText, ...]) -> StatePill:
    return StatePill("In force then", "bad", "list") if texts else StatePill("Not in force then", "neu", "minus")


def gone_from(revisions: list[EntryRevision], texts: tuple[SourceText, ...], now: datetime) -> list[EntryRevision]:
    """The last texts of sources that lead what is printed now, and print the entry no more."""
    if not texts:
        return []
    best, printing = rank_of(texts[0].source.key), {text.source.pk for text in texts}
    ended: dict[int, EntryRevision] = {}
    for row in revisions:
        ended_now = row.known_from and not row.known_to and row.effective_to and row.effective_to <= now
        if ended_now and row.version.source_id not in printing and rank_of(row.version.source.key) < best:
            ended[row.version.source_id] = row
    return list(ended.values())


def revision_rows(revisions: list[EntryRevision], deltas: list[ListDelta], now: datetime) -> list[RevisionRow]:
    """Every text, newest first, with what it changed."""
    changes = {row.revision_id: field_changes(row.changes) for row in deltas if row.op == DeltaOp.MOD}
    return [revision_row(row, now, changes.get(row.pk, [])) for row in reversed(revisions)]


def revision_row(row: EntryRevision, now: datetime, changes: list[FieldChange]) -> RevisionRow:
    if row.known_from is None:
        return RevisionRow(row, "Proposed", "inf", "dot", changes)
    if row.known_to is not None:
        return RevisionRow(row, "Planned, then replaced", "neu", "undo", changes)
    if row.binds_at(now):
        return RevisionRow(row, "In force", "bad", "list", changes)
    if row.effective_from and row.effective_from > now:
        return RevisionRow(row, "Coming", "warn", "clock", changes)
    return RevisionRow(row, "Ended", "neu", "minus", changes)


# --- what ended no text, and who belongs together ---------------------------------------------------------------------


def small_rows(entry: Entry, deltas: list[ListDelta], keys: list[KeyChange]) -> list[SmallRow]:
    """Cosmetic changes and new keys of versions in use, newest first."""
    rows = [
        SmallRow(row.version.effective_at, row, None, field_changes(row.changes))
        for row in deltas
        if row.op == DeltaOp.COS and row.entry_id == entry.pk and row.version.state in USED
    ]
    rows += [SmallRow(row.version.effective_at, None, row, []) for row in keys if row.version.state in USED]
    return sorted(rows, key=lambda row: row.at.timestamp() if row.at else 0.0, reverse=True)


def small_changes(rows: list[SmallRow]) -> list[Small]:
    found = []
    for row in rows:
        change = row.delta or row.key_change
        if change and row.at:
            found.append(Small(row.at, change.version.source.key, "cosmetic" if row.delta else "key"))
    return found


def related_rows(entry: Entry, deltas: list[ListDelta]) -> list[RelatedRow]:
    """Splits and merges, from either side."""
    rows = []
    for row in deltas:
        if row.related is None or row.version.state not in USED:
            continue
        own = row.entry_id == entry.pk
        split = row.relation == Relation.SPLIT_FROM
        if own:
            rows.append(RelatedRow("split from" if split else "merged into", row.related, row))
        else:
            rows.append(RelatedRow("gave rise, by a split, to" if split else "took in, by a merger,", row.entry, row))
    return rows


def conflict_rows(entry: Entry) -> list[ConflictRow]:
    """Where the sources disagree now, each side's own words marked."""
    stored = SourceConflict.objects.filter(entry=entry).select_related("other__version__source")
    rows = []
    for row in stored.defer(*(f"other__{part}" for part in LONG_PARTS), "other__text"):
        pieces = word_changes(row.leading_says, row.other_says)
        rows.append(
            ConflictRow(
                field=FIELDS.get(row.field, row.field.replace("_", " ")),
                source=row.other.version.source.title,
                leading=tuple(
                    MarkedWord(piece.text, "miss" if piece.kind == "del" and piece.text.strip() else "")
                    for piece in pieces
                    if piece.kind != "ins"
                ),
                other=tuple(
                    MarkedWord(piece.text, "miss" if piece.kind == "ins" and piece.text.strip() else "")
                    for piece in pieces
                    if piece.kind != "del"
                ),
            )
        )
    return rows


def names_rows(entry: Entry, clocks: Clocks) -> list[SupplementaryName]:
    """The names attached by the time known, those taken off too."""
    rows = entry.supplementary_names.filter(added_at__lte=clocks.known).select_related("added_by", "withdrawn_by")
    return sorted(rows, key=lambda name: (name.withdrawn_at is not None, name.pk))


# --- whom it touches --------------------------------------------------------------------------------------------------


def touches_of(entry: Entry, user: User, number: str | None) -> tuple[Page, list[TouchRow]]:
    """Counterparties with a standing match or hold, strongest first, one page of them. Five queries at most."""
    held = Hold.objects.standing().filter(case_match__entry=entry, counterparty=OuterRef("counterparty"))
    rows = (
        Match.objects.filter(Q(withdrawn_at=None) | Exists(held), entry=entry)
        .filter(counterparty__in=Counterparty.objects.visible_to(user))
        .order_by()
        .values("counterparty")
        .annotate(
            standing=Max("score", filter=Q(withdrawn_at=None)),
            highest=Max("score"),
            band_standing=Max("band", filter=Q(withdrawn_at=None)),  # "strong" sorts after "review"
            band_highest=Max("band"),
        )
        .order_by(F("standing").desc(nulls_last=True), "counterparty")
    )
    page = Paginator(rows, TOUCHED_PER_PAGE).get_page(number)
    found = list(page)
    ids = [row["counterparty"] for row in found]
    if not ids:
        return page, []
    parties = Counterparty.objects.visible_to(user).defer("search_text").in_bulk(ids)
    pairs: dict[int, CaseMatch] = {}
    holds: dict[int, list[Hold]] = defaultdict(list)
    cases = CaseMatch.objects.filter(entry=entry, case__counterparty__in=ids).select_related("case")
    for pair in cases.prefetch_related("holds").order_by("pk"):  # the newest case speaks
        pairs[pair.case.counterparty_id] = pair
        holds[pair.case.counterparty_id] += [hold for hold in pair.holds.all() if hold.released_at is None]
    requests: dict[int, list[LicenseRequest]] = defaultdict(list)
    asked = LicenseRequest.objects.visible_to(user).filter(case_match__entry=entry, case__counterparty__in=ids)
    for request in asked.select_related("case").order_by("pk"):
        requests[request.case.counterparty_id].append(request)
    touches = []
    for row in found:
        party_id = row["counterparty"]
        stands = row["standing"] is not None
        touches.append(
            TouchRow(
                party=parties[party_id],
                score=row["standing"] if stands else row["highest"],
                band=row["band_standing"] if stands else row["band_highest"],
                stands=stands,
                case_match=pairs.get(party_id),
                holds=holds[party_id],
                requests=requests[party_id],
            )
        )
    return page, touches
