"""What the page of one list version shows, from the list itself to the cases it led to."""

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
from compliance.watchlists.models import DeltaOp, EntryRevision, ListDelta, ListVersion, VersionState
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.selectors import StatePill, state_pill
from compliance.watchlists.times import time_left
from compliance.watchlists.workflow import WORKFLOW

LINES_PER_PAGE = 50
HITS_SHOWN = 10
TABS = {"added": DeltaOp.ADD, "modified": DeltaOp.MOD, "removed": DeltaOp.DEL, "cosmetic": DeltaOp.COS}
# The first of these that has an entry is shown; cosmetic changes stay folded until they are asked for.
SHOWN_FIRST = ("added", "modified", "removed")
OTHER_TABS = ("problems", "notes")


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

    @property
    def relation(self) -> str:
        """ "split from" or "merged into", before the entry it hangs together with; "" for most lines."""
        return self.delta.get_relation_display().lower() if self.delta.related_id else ""


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
    can_hold: bool
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
    if tab not in (*TABS, *OTHER_TABS):
        tab = next((name for name in SHOWN_FIRST if count_of(version, TABS[name])), "added")
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
        can_hold=WORKFLOW.allows("hold", version, user),
        can_take_file=user.has_permission(Permission.LIST_LOAD) or user.has_permission(Permission.AUDIT_READ),
        is_coming=version.state_at(now) == VersionState.PENDING,
        is_active=version.state_at(now) == VersionState.ACTIVE,
        problem_codes=[(code.replace("_", " "), count) for code, count in by_count(version.problem_counts)],
    )


def by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def count_of(version: ListVersion, op: str) -> int:
    return {
        DeltaOp.ADD: version.added,
        DeltaOp.MOD: version.modified,
        DeltaOp.DEL: version.removed,
        DeltaOp.COS: version.cosmetic,
    }[DeltaOp(op)]


def line_rows(version: ListVersion, op: str) -> Any:
    """The delta's lines of one kind, those that hit a counterparty first."""
    rows = version.deltas.filter(op=op).select_related("entry", "revision", "before", "related")
    if op in (DeltaOp.DEL, DeltaOp.COS):
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
        listed=ListedEntry.from_dict(row.text) if row.op == DeltaOp.COS else revision.listed,
        hits=getattr(row, "hits", 0),
        highest=getattr(row, "highest", None),
        band=getattr(row, "band", None) or "",
        changes=field_changes(row.changes) if row.op in (DeltaOp.MOD, DeltaOp.COS) else [],
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
