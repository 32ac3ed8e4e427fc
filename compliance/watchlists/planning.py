"""What a version changes on top of what is in force at its effective time, reconciled with what is stored of it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from compliance.core.errors import Invalid
from compliance.watchlists import delta, twins
from compliance.watchlists.fingerprint import content_fingerprint, keys_of, unique_key
from compliance.watchlists.models import (
    DeltaOp,
    DroppedEnd,
    Entry,
    EntryRevision,
    KeyChange,
    ListDelta,
    ListVersion,
    Relation,
)
from compliance.watchlists.parsers import parse
from compliance.watchlists.parsers.base import ListedEntry, ParsedList
from compliance.watchlists.times import WASHINGTON

BATCH = 500


def read(version: ListVersion) -> ParsedList:
    """The version's file, parsed again. Raises RefusedFile."""
    return parse(version.parser, version.raw_file.content, version.raw_file.filename)


def found_by(version: ListVersion, moment: datetime) -> QuerySet[EntryRevision]:
    """The revisions that this version would find in force at `moment`. Its own are left out.

    An end that a later version has planned counts as open here: that version is planned again afterwards. So does
    an end that this very version planned before.
    """
    return EntryRevision.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=moment) | Q(ended_by=version),
        version__source=version.source_id,
        known_from__isnull=False,
        known_to=None,
        effective_from__lte=moment,
    ).exclude(version=version)


def base_of(version: ListVersion, moment: datetime) -> dict[str, EntryRevision]:
    """What `found_by` gives, by key."""
    rows = found_by(version, moment).select_related("entry").order_by("pk")
    later = later_keys(version, moment)
    taken: dict[str, int] = {}  # a stored key may have been taken over by another entry since
    base: dict[str, EntryRevision] = {}
    for row in rows.iterator(chunk_size=2000):
        since, key = later.get(row.entry_id, (None, ""))
        is_newer = since is not None and row.effective_from is not None and since >= row.effective_from
        base[unique_key(key if is_newer else row.key, taken)] = row
    return base


def later_keys(version: ListVersion, moment: datetime) -> dict[int, tuple[datetime | None, str]]:
    """The key that each entry of the source was last moved to, and when: its text may be stored under an older one."""
    changes = KeyChange.objects.filter(
        version__source=version.source_id, version__effective_at__lte=moment,
        version__state__in=["pending", "active", "superseded"],
    ).exclude(version=version)  # fmt: skip
    rows = changes.order_by("version__effective_at", "pk").values_list("entry_id", "version__effective_at", "after")
    return {entry_id: (since, key) for entry_id, since, key in rows}


def wordings(
    revision_ids: list[int], moment: datetime, *, besides: ListVersion | None = None
) -> dict[int, ListedEntry]:
    """How revisions read at `moment` where a cosmetic change came after them, by revision id."""
    found: dict[int, ListedEntry] = {}
    for start in range(0, len(revision_ids), BATCH):
        lines = ListDelta.objects.filter(
            op=DeltaOp.COS, before__in=revision_ids[start : start + BATCH], version__effective_at__lte=moment,
            version__state__in=["pending", "active", "superseded"],
        )  # fmt: skip
        if besides:
            lines = lines.exclude(version=besides)
        for before_id, text in lines.order_by("version__effective_at", "pk").values_list("before_id", "text"):
            found[before_id] = ListedEntry.from_dict(text or {})
    return found


def known_of(base: dict[str, EntryRevision], version: ListVersion, moment: datetime) -> dict[str, delta.Known]:
    """The base as the delta takes it: each entry as it reads at `moment`."""
    read_now = {}
    if ListDelta.objects.filter(op=DeltaOp.COS, version__source=version.source_id).exclude(version=version).exists():
        read_now = wordings([row.pk for row in base.values()], moment, besides=version)
    return {
        key: delta.Known.of(read_now[row.pk]) if row.pk in read_now else delta.Known(row.listed, row.fingerprint)
        for key, row in base.items()
    }


@transaction.atomic
def plan(version: ListVersion, parsed: ParsedList, moment: datetime) -> None:
    """(Re)compute the version's delta against what is in force at `moment` and store its texts, not yet in force.

    Counts and ListDelta rows are replaced; texts of the version that are still wanted keep their row.
    Raises RefusedFile if a change names an entry that is not there, and Invalid if it goes behind a later one.
    """
    base = base_of(version, moment)
    known = known_of(base, version, moment)
    after: dict[str, ListedEntry] = (
        dict(delta.apply_change(known, parsed))
        if parsed.form == "change"
        else dict(zip(keys_of(parsed.entries), parsed.entries, strict=True))
    )
    found = delta.compute(known, after)
    check_not_behind(version, found, base, moment)
    version.deltas.all().delete()
    version.key_changes.all().delete()
    own = {(r.entry_id, r.fingerprint): r for r in version.revisions.all()}
    present = {row.entry_id for row in base.values()}
    former = former_identities(version, found.added, present)
    former |= twin_identities(
        version, {key: after[key] for key in found.added if key not in former}, moment, set(former.values())
    )
    former |= proposed_identities(
        version, [key for key in found.added if key not in former], present | set(former.values())
    )
    new_entries = {
        key: Entry(list_code=after[key].list_code, first_version=version) for key in found.added if key not in former
    }
    Entry.objects.bulk_create(new_entries.values(), batch_size=BATCH)

    wanted: list[tuple[str, int, str, EntryRevision | None, dict[str, object]]] = []
    for key in found.added:
        entry_id = former[key] if key in former else new_entries[key].pk
        wanted.append((DeltaOp.ADD, entry_id, key, None, {}))
    for change in found.modified:
        before = base[change.key_before]
        wanted.append((DeltaOp.MOD, before.entry_id, change.key_after, before, dict(change.changes)))
    fresh: list[EntryRevision] = []
    lines: list[ListDelta] = []
    for op, entry_id, key, before_row, changes in wanted:
        listed = after[key]
        fingerprint = content_fingerprint(listed)
        revision = own.pop((entry_id, fingerprint), None)
        if revision is None:
            revision = EntryRevision(
                entry_id=entry_id, version=version, key=key[:600], fingerprint=fingerprint, name=listed.name[:1000],
                text=listed.as_dict(),
            )  # fmt: skip
            fresh.append(revision)
        plain = {field: as_plain(pair) for field, pair in changes.items()}
        lines.append(
            ListDelta(version=version, op=op, entry_id=entry_id, revision=revision, before=before_row, changes=plain)
        )
    EntryRevision.objects.bulk_create(fresh, batch_size=BATCH)
    for key in found.removed:
        lines.append(ListDelta(version=version, op=DeltaOp.DEL, entry_id=base[key].entry_id, before=base[key]))
    for change in found.cosmetic:
        before = base[change.key_before]
        plain = {field: as_plain(pair) for field, pair in change.changes.items()}
        lines.append(
            ListDelta(
                version=version,
                op=DeltaOp.COS,
                entry_id=before.entry_id,
                before=before,
                changes=plain,
                text=after[change.key_after].as_dict(),
            )
        )
    relate(found, base, lines, {key: entry_id for _op, entry_id, key, _before, _changes in wanted})
    ListDelta.objects.bulk_create(lines, batch_size=BATCH)
    KeyChange.objects.bulk_create(
        [
            KeyChange(version=version, entry_id=base[old].entry_id, before=old[:600], after=new[:600])
            for old, new in found.rekeyed
        ],
        batch_size=BATCH,
    )
    version.added, version.modified, version.removed = len(found.added), len(found.modified), len(found.removed)
    version.cosmetic = len(found.cosmetic)


def relate(
    found: delta.Delta, base: dict[str, EntryRevision], lines: list[ListDelta], entry_of: dict[str, int]
) -> None:
    """Say on the lines which added entry was split from which, and which removed one was merged into which."""
    by_entry = {line.entry_id: line for line in lines}
    for added, bearer in found.splits.items():
        line = by_entry[entry_of[added]]
        line.relation, line.related_id = Relation.SPLIT_FROM, base[bearer].entry_id
    for gone, bearer in found.merges.items():
        line = by_entry[base[gone].entry_id]
        line.relation, line.related_id = Relation.MERGED_INTO, entry_of[bearer]


def twin_identities(
    version: ListVersion, added: dict[str, ListedEntry], moment: datetime, taken: set[int]
) -> dict[str, int]:
    """Entries that another source prints already and this one does not: the new texts join their identity."""
    codes = {entry.list_code for entry in added.values()}
    if not codes:
        return {}
    listed = EntryRevision.objects.filter(known_to=None).exclude(known_from=None)
    elsewhere = (
        listed.filter(Q(effective_to=None) | Q(effective_to__gt=moment), entry__list_code__in=codes)
        .exclude(version__source=version.source_id)
        .order_by("pk")
    )
    if not elsewhere.exists():
        return {}
    here = set(
        listed.filter(Q(effective_to=None) | Q(effective_to__gt=moment), version__source=version.source_id)
        .exclude(version=version)
        .values_list("entry_id", flat=True)
    )
    others = {
        row.entry_id: row.listed
        for row in elsewhere.iterator(chunk_size=2000)
        if row.entry_id not in here and row.entry_id not in taken
    }
    return twins.pair(added, others)


def check_not_behind(
    version: ListVersion, found: delta.Delta, base: dict[str, EntryRevision], moment: datetime
) -> None:
    """An entry's history is not rewritten backwards: its intervals must never overlap. Raises Invalid.

    That is so where a version that already binds changed, ended or listed the same entry after `moment`.
    """
    now = timezone.now()
    cure = "Load this version with a later effective time."
    for key in [*(change.key_before for change in found.modified), *found.removed]:
        row = base[key]
        if row.effective_to and row.effective_to <= now and row.ended_by_id != version.pk:
            raise Invalid(f"{row} was changed again on {day(row.effective_to)} by {row.ended_by}. {cure}")
    for start in range(0, len(found.added), BATCH):
        row_after = (
            EntryRevision.objects.filter(
                version__source=version.source_id,
                key__in=found.added[start : start + BATCH],
                known_from__isnull=False,
                known_to=None,
                effective_from__gt=moment,
                effective_from__lte=now,
            )
            .exclude(version=version)
            .select_related("version")
            .first()
        )
        if row_after and row_after.effective_from:
            raise Invalid(
                f"{row_after} is on the list since {day(row_after.effective_from)}, by {row_after.version}, so it "
                f"can't be added as of {day(moment)}. {cure}"
            )


def day(moment: datetime) -> str:
    return f"{moment.astimezone(WASHINGTON):%Y-%m-%d %H:%M}"


def former_identities(version: ListVersion, keys: list[str], present: set[int]) -> dict[str, int]:
    """Entries that once had these keys and left the list: who comes back keeps the old identity.

    `present`: entries that this version finds in force; they are somebody else.
    """
    known = EntryRevision.objects.filter(version__source=version.source_id).exclude(known_from=None)
    here = known.filter(known_to=None, effective_to=None).exclude(version=version)
    present = present | set(here.values_list("entry_id", flat=True))
    moved = KeyChange.objects.filter(version__source=version.source_id, version__planned_at__isnull=False)
    moved = moved.exclude(version=version)
    found: dict[str, int] = {}
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        pairs = [
            *moved.filter(after__in=part).order_by("pk").values_list("after", "entry_id"),
            *known.filter(key__in=part).order_by("pk").values_list("key", "entry_id"),
        ]
        found |= {key: entry_id for key, entry_id in pairs if entry_id not in present}
    return once_each(found, set())


def proposed_identities(version: ListVersion, keys: list[str], taken: set[int]) -> dict[str, int]:
    """Entries that an earlier plan of this very version made, so that planning twice makes no twins."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), BATCH):
        rows = version.revisions.filter(key__in=keys[start : start + BATCH], entry__first_version=version)
        found |= dict(rows.order_by("pk").values_list("key", "entry_id"))
    return once_each(found, taken)


def once_each(found: dict[str, int], taken: set[int]) -> dict[str, int]:
    """One key for each entry, the first; none for an entry that is taken."""
    first: dict[int, str] = {}
    for key, entry_id in found.items():
        if entry_id not in taken:
            first.setdefault(entry_id, key)
    return {key: entry_id for entry_id, key in first.items()}


def as_plain(value: object) -> object:
    """A field of an entry as JSON."""
    if isinstance(value, tuple | list):
        return [as_plain(item) for item in value]
    if hasattr(value, "text") and hasattr(value, "country"):
        return f"{value.text} ({value.country})" if value.country else value.text
    return value


@transaction.atomic
def put_in_force(version: ListVersion, moment: datetime, now: datetime) -> None:
    """Give the planned texts their intervals from `moment`, and end the ones they replace.

    Done again after a new plan, an end that stays as it was keeps the time we first knew of it.
    """
    lines = version.deltas.all()
    ended = {line.before_id for line in lines if line.before_id and line.op != DeltaOp.COS}
    planned_before = set(
        EntryRevision.objects.filter(ended_by=version, effective_to=moment).values_list("pk", flat=True)
    )
    open_again, fresh = sorted(planned_before - ended), sorted(ended - planned_before)
    for start in range(0, len(open_again), BATCH):
        rows = EntryRevision.objects.filter(pk__in=open_again[start : start + BATCH])
        keep_dropped_ends(rows, now)
        rows.update(effective_to=None, ended_by=None, end_known_from=None)
    for start in range(0, len(fresh), BATCH):
        rows = EntryRevision.objects.filter(pk__in=fresh[start : start + BATCH])
        keep_dropped_ends(rows, now)  # a coming version had planned an end; it is planned again on what begins now
        rows.update(effective_to=moment, ended_by=version, end_known_from=now)
    # An end that a coming version gave to one of these texts stays until that version is planned again itself.
    planned = [line.revision_id for line in lines if line.revision_id]
    for start in range(0, len(planned), BATCH):
        rows = EntryRevision.objects.filter(pk__in=planned[start : start + BATCH])
        keep_gaps(version, rows, now)
        rows.update(effective_from=moment, known_to=None)
        rows.filter(known_from=None).update(known_from=now)


def keep_gaps(version: ListVersion, rows: QuerySet[EntryRevision], now: datetime) -> None:
    """Write down since when texts that an earlier plan gave up and this one takes up again were not believed."""
    given_up = rows.filter(known_to__lte=version.planned_at, known_to__lt=now) if version.planned_at else rows.none()
    DroppedEnd.objects.bulk_create(
        DroppedEnd(
            revision=row, version=version, effective_to=row.effective_from, known_from=row.known_to, known_to=now
        )
        for row in given_up.defer("text")
        if row.effective_from and row.known_to
    )


def open_ends(version: ListVersion, now: datetime) -> None:
    """Open again the texts that a version was to end, as it is not to come into force."""
    rows = EntryRevision.objects.filter(ended_by=version)
    keep_dropped_ends(rows, now)
    rows.update(effective_to=None, ended_by=None, end_known_from=None)
    version.planned_at = now  # its texts are given up from here on, for keep_gaps should it come into force after all


def keep_dropped_ends(rows: QuerySet[EntryRevision], now: datetime) -> None:
    """Write down the ends that these rows have now and are about to lose."""
    DroppedEnd.objects.bulk_create(
        DroppedEnd(
            revision=row,
            version_id=row.ended_by_id,
            effective_to=row.effective_to,
            known_from=row.end_known_from,
            known_to=now,
        )
        for row in rows.filter(end_known_from__isnull=False).defer("text")
        if row.ended_by_id and row.effective_to and row.end_known_from
    )


@transaction.atomic
def take_back(version: ListVersion, now: datetime) -> None:
    """Take a coming version's texts out of what others are planned on, before it is planned again itself."""
    version.revisions.filter(known_from__isnull=False, known_to=None).update(known_to=now)


def digest(version: ListVersion) -> str:
    """SHA-256 over the version's delta: op, entry and fingerprint of the new text, in order of entry."""
    sums = hashlib.sha256()
    lines = version.deltas.exclude(op=DeltaOp.COS).order_by("entry_id")
    rows = lines.values_list("op", "entry_id", "revision__fingerprint")
    for op, entry_id, fingerprint in rows.iterator(chunk_size=2000):
        sums.update(f"{op} {entry_id} {fingerprint or '-'}\n".encode())
    return sums.hexdigest()
