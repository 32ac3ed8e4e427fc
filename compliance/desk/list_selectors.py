"""What the pages of one list version and of one entry show, from the list itself to the cases it led to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Max, Q
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases.models import Case, CaseState
from compliance.core.paging import counted_page
from compliance.core.permissions import Permission
from compliance.runs.models import Match, ScreeningRun
from compliance.runs.selectors import RunRow, run_row
from compliance.watchlists.differences import FieldChange, field_changes
from compliance.watchlists.effects import LIST_POLICIES, ListPolicy
from compliance.watchlists.models import DeltaOp, Entry, EntryRevision, ListDelta, ListVersion, VersionState
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.selectors import StatePill, state_pill
from compliance.watchlists.times import time_left
from compliance.watchlists.workflow import WORKFLOW

LINES_PER_PAGE = 50
HITS_SHOWN = 10
CASES_SHOWN = 20
TABS = {"added": DeltaOp.ADD, "modified": DeltaOp.MOD, "removed": DeltaOp.DEL}


@dataclass(frozen=True)
class Line:
    """One line of a version's change."""

    delta: ListDelta
    revision: EntryRevision
    listed: ListedEntry
    hits: int = 0
    highest: Any = None
    band: str = ""
    changes: list[FieldChange] = field(default_factory=list)


@dataclass(frozen=True)
class Impact:
    """What the version's entries hit among the stored counterparties."""

    matches: int = 0
    counterparties: int = 0
    cases: int = 0
    high: int = 0
    open_cases: int = 0


@dataclass(frozen=True)
class VersionPage:
    """The page of one list version."""

    version: ListVersion
    pill: StatePill
    now: datetime
    tab: str
    page: Page | None
    lines: list[Line]
    opened: Line | None
    opened_hits: list[Match]
    impact: Impact
    run: ScreeningRun | None
    time_left: str
    can_activate: bool
    can_release: bool
    can_take_file: bool
    is_coming: bool
    is_active: bool
    problem_codes: list[tuple[str, int]]

    @property
    def run_row(self) -> RunRow | None:
        return run_row(self.run) if self.run else None


def version_page(
    version: ListVersion, user: User, *, tab: str = "", number: str | None = None, opened: int | None = None
) -> VersionPage:
    """The version with one tab of its change. `opened`: the line shown in full."""
    now = timezone.now()
    if tab not in (*TABS, "problems"):
        tab = next((name for name, op in TABS.items() if count_of(version, op)), "added")
    page, lines = None, []
    if tab in TABS:
        rows = line_rows(version, TABS[tab])
        page = counted_page(rows, number, per_page=LINES_PER_PAGE, total=count_of(version, TABS[tab]))
        lines = [as_line_of(row) for row in page]
    shown = next((line for line in lines if line.delta.pk == opened), None)
    coming = version.effective_at is not None and version.effective_at > now
    return VersionPage(
        version=version,
        pill=state_pill(version, now),
        now=now,
        tab=tab,
        page=page,
        lines=lines,
        opened=shown,
        opened_hits=hits_of(shown.revision) if shown else [],
        impact=impact_of(version),
        run=ScreeningRun.objects.filter(version=version).select_related("job").order_by("-pk").first(),
        time_left=time_left(version.effective_at, now) if version.effective_at else "",
        can_activate=WORKFLOW.allows("schedule" if coming else "activate", version, user),
        can_release=WORKFLOW.allows("release" if version.release_asked_by_id else "ask_release", version, user),
        can_take_file=user.has_permission(Permission.LIST_LOAD) or user.has_permission(Permission.AUDIT_READ),
        is_coming=version.state_at(now) == VersionState.PENDING,
        is_active=version.state_at(now) == VersionState.ACTIVE,
        problem_codes=[(code.replace("_", " "), count) for code, count in by_count(version.problem_counts)],
    )


def by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def count_of(version: ListVersion, op: str) -> int:
    return {DeltaOp.ADD: version.added, DeltaOp.MOD: version.modified, DeltaOp.DEL: version.removed}[DeltaOp(op)]


def line_rows(version: ListVersion, op: str) -> Any:
    """The delta's lines of one kind, those that hit a counterparty first."""
    rows = version.deltas.filter(op=op).select_related("entry", "revision", "before")
    if op == DeltaOp.DEL:
        return rows.order_by("pk")
    standing = Q(revision__matches__withdrawn_at=None)
    return rows.annotate(
        hits=Count("revision__matches__counterparty", filter=standing, distinct=True),
        highest=Max("revision__matches__score", filter=standing),
        band=Max("revision__matches__band", filter=standing),  # "strong" sorts after "review"
    ).order_by("-hits", "pk")


def as_line_of(row: Any) -> Line:
    revision = row.revision or row.before
    return Line(
        delta=row,
        revision=revision,
        listed=revision.listed,
        hits=getattr(row, "hits", 0),
        highest=getattr(row, "highest", None),
        band=getattr(row, "band", None) or "",
        changes=field_changes(row.changes) if row.op == DeltaOp.MOD else [],
    )


def hits_of(revision: EntryRevision) -> list[Match]:
    """The counterparties that this text hits, strongest first."""
    return list(Match.objects.standing().filter(revision=revision).select_related("counterparty")[:HITS_SHOWN])


def impact_of(version: ListVersion) -> Impact:
    matches = Match.objects.standing().filter(revision__version=version)
    found = matches.aggregate(count=Count("pk"), parties=Count("counterparty", distinct=True))
    done = Q(state__in=[CaseState.DECIDED, CaseState.CLOSED])
    cases = Case.objects.filter(matches__history__match__revision__version=version).aggregate(
        all=Count("pk", distinct=True),
        high=Count("pk", distinct=True, filter=Q(band="strong")),
        open=Count("pk", distinct=True, filter=~done),
    )
    return Impact(found["count"], found["parties"], cases["all"], cases["high"], cases["open"])


# --- one entry -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RevisionRow:
    """One text of an entry with the interval over which it binds."""

    revision: EntryRevision
    state: str
    tone: str
    icon: str
    changes: list[FieldChange]


@dataclass(frozen=True)
class EntryPage:
    """The page of one entry."""

    entry: Entry
    revision: EntryRevision
    listed: ListedEntry
    policy: ListPolicy
    pill: StatePill
    rows: list[RevisionRow]
    cases: list[Case]
    more_cases: bool
    now: datetime


def entry_page(entry: Entry, user: User) -> EntryPage | None:
    """The entry as it reads now, or read last, with every text it had. None while it is only proposed and unnamed."""
    now = timezone.now()
    revisions = list(entry.revisions.select_related("version", "ended_by").order_by("pk"))
    if not revisions:
        return None
    current = next((row for row in revisions if row.binds_at(now)), None)
    coming = [r for r in revisions if r.known_from and not r.known_to and r.effective_from and r.effective_from > now]
    shown = current or (coming[0] if coming else revisions[-1])
    if current and current.effective_to:
        pill = StatePill(f"In force, changes in {time_left(current.effective_to, now)}", "warn", "clock")
    elif current:
        pill = StatePill("In force", "bad", "list")
    elif coming and coming[0].effective_from:
        pill = StatePill(f"Coming, binds in {time_left(coming[0].effective_from, now)}", "warn", "clock")
    elif shown.known_from is None:
        pill = StatePill("Proposed, not activated", "inf", "dot")
    else:
        pill = StatePill("Left the list", "neu", "minus")
    changes = {
        row.revision_id: field_changes(row.changes) for row in entry.deltas.filter(op=DeltaOp.MOD).order_by("pk")
    }
    rows = [revision_row(row, now, changes.get(row.pk, [])) for row in reversed(revisions)]
    cases = list(
        Case.objects.visible_to(user).filter(matches__entry=entry).select_related("counterparty")
        .distinct().order_by("-pk")[: CASES_SHOWN + 1]
    )  # fmt: skip
    return EntryPage(
        entry=entry, revision=shown, listed=shown.listed, policy=LIST_POLICIES[entry.list_code], pill=pill, rows=rows,
        cases=cases[:CASES_SHOWN], more_cases=len(cases) > CASES_SHOWN, now=now,
    )  # fmt: skip


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
