"""What the morning page shows: what changed, what is undecided, what comes, what runs, and one's own work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases.models import Case, CaseMatch, CaseState, Disposition, Hold, ListReview
from compliance.cases.queue import due_words
from compliance.core.permissions import Permission
from compliance.core.templatetags.ui import MEDIUM_FROM
from compliance.counterparties.models import Counterparty, DueState, ScreeningDue
from compliance.runs.models import Match, RunState, ScreeningRun
from compliance.runs.selectors import FailedJob, RunRow, failed_jobs, open_runs, run_row
from compliance.runs.services import unscreened_versions
from compliance.watchlists.effects import LIST_POLICIES
from compliance.watchlists.models import DeltaOp, ListDelta, ListVersion, VersionState
from compliance.watchlists.notice_selectors import NoticeCounts, notice_counts
from compliance.watchlists.selectors import ListRow, StatePill, entries_by_list, leading_ids, state_pill
from compliance.watchlists.times import WASHINGTON, time_left

SHOWN = 6  # rows of each group of one's own work
MINE_READ = 200
COMING_SHOWN = 4
UNFINISHED = [CaseState.OPEN, CaseState.IN_REVIEW, CaseState.INFORMATION_REQUESTED, CaseState.ESCALATED,
              CaseState.AWAITING_SECOND_REVIEW]  # fmt: skip


@dataclass(frozen=True)
class Share:
    """One part of a bar (components/shares.html)."""

    label: str
    value: int
    tone: str


@dataclass(frozen=True)
class Change:
    """The last change in force, and what it did."""

    version: ListVersion
    list_title: str
    run: RunRow | None
    matches: int
    parties: int
    cases: int
    open_cases: int
    bands: list[Share]
    work: list[Share]
    true_matches: int
    false_matches: int
    holds: int


@dataclass(frozen=True)
class Coming:
    """A version that waits: coming, ready or held."""

    version: ListVersion
    pill: StatePill
    time_left: str
    is_coming: bool
    is_held: bool


@dataclass(frozen=True)
class WorkRow:
    """One case in my work."""

    case: Case
    due: str
    is_late: bool
    why: str


@dataclass(frozen=True)
class WorkGroup:
    """Cases under one heading, with how many there are in all."""

    title: str
    rows: list[WorkRow]
    total: int


@dataclass(frozen=True)
class SourceRow:
    """One list in the table of sources."""

    row: ListRow
    version: ListVersion | None
    added: int
    modified: int
    removed: int
    pill: StatePill


@dataclass(frozen=True)
class Today:
    """The whole page."""

    now: datetime
    headline: str
    counterparties: int
    change: Change | None
    coming: list[Coming]
    runs: list[RunRow]
    groups: list[WorkGroup]
    sources: list[SourceRow]
    quiet_lists: list[str]
    failed: list[FailedJob]
    not_screened: int
    can_load: bool
    can_work: bool
    can_retry: bool
    open_cases: int
    reviews: int
    warnings: NoticeCounts


def today(user: User) -> Today:
    """The morning page for this person, in a number of queries that grows with nothing."""
    now = timezone.now()
    leads = leading_ids(now)
    change = change_of(latest_change(now))
    counted = ScreeningDue.objects.exclude(state=DueState.NOT_SCREENABLE)[:10_000].count()
    open_cases = Case.objects.visible_to(user).unfinished().order_by()[:10_000].count()
    can_load = user.has_permission(Permission.LIST_LOAD)
    coming = coming_versions(now)
    sources, quiet = source_rows(now, leads, coming, counted)
    can_work = user.has_permission(Permission.CASE_WORK)
    return Today(
        now=now,
        headline=headline(change, now, open_cases, has_list=bool(leads)),
        counterparties=Counterparty.objects.count(),
        change=change,
        coming=[row for row in coming if row.is_coming or can_load],  # the others wait for a manager
        runs=open_runs(),
        groups=work_of(user, now) if can_work else [],
        sources=sources,
        quiet_lists=quiet,
        failed=failed_jobs(),
        not_screened=counted,
        can_load=can_load,
        can_work=can_work,
        can_retry=user.has_permission(Permission.RUN_START),
        open_cases=open_cases,
        reviews=reviews_waiting(user),
        warnings=notice_counts(now),
    )


def reviews_waiting(user: User) -> int:
    """How many holds and clearances a list change touched, for those who may close their reviews."""
    if not user.has_permission(Permission.CASE_DECIDE):
        return 0
    return ListReview.objects.visible_to(user).open()[:1000].count()


# --- the change ------------------------------------------------------------------------------------------------------


def latest_change(now: datetime) -> ListVersion | None:
    """The version that began to bind last and changed anything."""
    rows = ListVersion.objects.in_force(now).filter(Q(added__gt=0) | Q(modified__gt=0) | Q(removed__gt=0))
    return rows.select_related("source").defer("problems").order_by("-effective_at", "-pk").first()


def change_of(version: ListVersion | None) -> Change | None:
    if version is None:
        return None
    run = (
        ScreeningRun.objects.filter(version=version).select_related("job", "version").defer("settings")
        .order_by("-pk").first()
    )  # fmt: skip
    found = (
        Match.objects.standing()
        .filter(revision__version=version)
        .aggregate(count=Count("pk"), parties=Count("counterparty", distinct=True))
    )
    # By every match a case took up, not only the one that speaks now: a later change of the entry takes nothing away.
    cases = case_counts(Case.objects.filter(matches__history__match__revision__version=version))
    pairs = CaseMatch.objects.filter(history__match__revision__version=version).aggregate(
        true=Count("pk", distinct=True, filter=Q(disposition=Disposition.TRUE_MATCH)),
        false=Count("pk", distinct=True, filter=Q(disposition=Disposition.FALSE_POSITIVE)),
    )
    holds = Hold.objects.standing().filter(case_match__history__match__revision__version=version)
    titles = [LIST_POLICIES[code].title for code in version.list_counts if code in LIST_POLICIES]
    return Change(
        version=version,
        list_title=titles[0] if len(titles) == 1 else version.source.title,
        run=run_row(run) if run else None,
        matches=found["count"],
        parties=found["parties"],
        cases=cases["all"],
        open_cases=cases["unfinished"],
        bands=[Share("High", cases["high"], "bad"), Share("Medium", cases["medium"], "warn"),
               Share("Low", cases["low"], "neu")],
        work=[Share("Decided", cases["all"] - cases["unfinished"], "c1"),
              Share("In review", cases["unfinished"] - cases["open"], "c3"),
              Share("Not started", cases["open"], "c5")],
        true_matches=pairs["true"],
        false_matches=pairs["false"],
        holds=holds.order_by().distinct().count(),
    )  # fmt: skip


def case_counts(cases: QuerySet[Case]) -> dict[str, int]:
    def counted(condition: Q) -> Count:
        return Count("pk", distinct=True, filter=condition)

    medium = Q(band="review", top_score__gte=MEDIUM_FROM / 100)
    return cases.order_by().aggregate(
        all=Count("pk", distinct=True),
        high=counted(Q(band="strong")),
        medium=counted(medium),
        low=counted(Q(band="review") & ~medium),
        unfinished=counted(Q(state__in=UNFINISHED)),
        open=counted(Q(state=CaseState.OPEN)),
    )


def headline(change: Change | None, now: datetime, open_cases: int, *, has_list: bool) -> str:
    """What is undecided, in a sentence or two."""
    if not has_list:
        return "No list is in force yet. Load one, and every counterparty is screened against it."
    if change is None or not change.version.effective_at:
        return f"No list changed. {needs_decision(open_cases, None)}"
    when = change.version.effective_at.astimezone(WASHINGTON)
    day = f"{when.day} {when:%B} {when.year}"
    changed = f"The {change.list_title.removeprefix('The ')} changed on {day}."
    if change.run and change.run.has_failed:
        return f"{changed} Screening against it failed."
    if change.run is None or change.run.run.state != RunState.FINISHED:
        return f"{changed} Counterparties are being screened against it."
    if not change.cases and change.matches:
        return f"{changed} Cases are being opened for its {change.matches:,} possible matches."
    if not change.cases:
        others = f" {needs_decision(open_cases, None)}" if open_cases else ""
        return f"{changed} It matches no counterparty.{others}"
    return f"{changed} {needs_decision(change.open_cases, change.cases)}"


def needs_decision(count: int, total: int | None) -> str:
    if not count:
        return "Every case is decided."
    amount = f"{count:,} of {total:,} cases" if total else f"{count:,} case{'s' if count > 1 else ''}"
    verb = "needs" if count == 1 and (not total or total == 1) else "need"
    return f"{amount} still {verb} a decision."


# --- what comes, and the sources -------------------------------------------------------------------------------------


def coming_versions(now: datetime) -> list[Coming]:
    """Versions that bind later, wait to be activated, or are held."""
    waiting = Q(state=VersionState.PENDING, effective_at__gt=now) | Q(state__in=[VersionState.READY, VersionState.HELD])
    rows = ListVersion.objects.filter(waiting).select_related("source").defer("problems").order_by("effective_at", "pk")
    found = [
        Coming(
            version=version,
            pill=state_pill(version, now),
            time_left=time_left(version.effective_at, now) if version.effective_at else "",
            is_coming=version.state_at(now) == VersionState.PENDING,
            is_held=version.state_at(now) == VersionState.HELD,
        )
        for version in rows[:COMING_SHOWN]
    ]
    return sorted(found, key=lambda row: (not row.is_coming, not row.is_held))


def source_rows(
    now: datetime, leads: set[int], coming: list[Coming], not_screened: int
) -> tuple[list[SourceRow], list[str]]:
    """The lists with entries in force, each with the last version that touched it; and the titles of the rest."""
    lists = entries_by_list(now)
    touched: dict[str, dict[str, int]] = {}
    by_list: dict[str, int] = {}
    rows = (
        ListDelta.objects.filter(version__in=ListVersion.objects.in_force(now))
        .order_by("version__effective_at", "version").values_list("version", "entry__list_code", "op")
        .annotate(Count("pk"))
    )  # fmt: skip
    for version_id, code, op, count in rows:
        if by_list.get(code) != version_id:
            by_list[code], touched[code] = version_id, {}
        touched[code][op] = count
    versions = ListVersion.objects.defer("problems").in_bulk({*by_list.values(), *leads})
    lagging = set(unscreened_versions().order_by().values_list("pk", flat=True))
    leading = next((versions[pk] for pk in sorted(leads, reverse=True) if pk in versions), None)
    expected = {code for row in coming if row.is_coming for code in row.version.list_counts}
    table = []
    for row in lists:
        if not row.entries:
            continue
        code = row.policy.code
        version = versions.get(by_list.get(code, 0), leading)
        counts = touched.get(code, {})
        if lagging:
            pill = StatePill("Being screened", "warn", "clock")
        elif not_screened:
            pill = StatePill(f"{not_screened:,} not screened", "warn", "clock")
        elif code in expected:
            pill = StatePill("Change coming", "inf", "clock")
        else:
            pill = StatePill("Current", "ok", "check")
        table.append(
            SourceRow(
                row, version, counts.get(DeltaOp.ADD, 0), counts.get(DeltaOp.MOD, 0), counts.get(DeltaOp.DEL, 0), pill
            )
        )
    return table, [row.policy.title for row in lists if not row.entries]


# --- my work ---------------------------------------------------------------------------------------------------------


def work_of(user: User, now: datetime) -> list[WorkGroup]:
    """My cases by when they are due, those that wait for my second review, and those nobody has taken."""
    cases = Case.objects.visible_to(user)
    mine = list(cases.filter(assigned_to=user).unfinished().select_related("counterparty").queue_order()[:MINE_READ])
    waiting_states = (CaseState.AWAITING_SECOND_REVIEW, CaseState.INFORMATION_REQUESTED, CaseState.ESCALATED)
    waiting = [case for case in mine if case.state in waiting_states]
    mine = sorted((case for case in mine if case.state not in waiting_states), key=lambda case: case.due_at)
    today_ends = now.astimezone(WASHINGTON).date()
    due = [case for case in mine if case.due_at.astimezone(WASHINGTON).date() <= today_ends]
    later = [case for case in mine if case not in due]
    reopened = [case for case in later if case.reopened_at]
    second = cases.filter(state=CaseState.AWAITING_SECOND_REVIEW).exclude(matches__awaiting__decided_by=user)
    untaken = cases.filter(state=CaseState.OPEN, assigned_to=None)
    groups = [
        group("Due today or late", due, now),
        group("Reopened", reopened, now),
        group("Later", [case for case in later if not case.reopened_at], now),
        group("Waiting on others", waiting, now),
    ]
    if user.has_permission(Permission.CASE_REVIEW):
        groups.append(limited("Waiting for your second review", second, now))
    groups.append(limited("Not taken yet", untaken, now))
    return [found for found in groups if found.total]


def group(title: str, cases: list[Case], now: datetime) -> WorkGroup:
    return WorkGroup(title, [work_row(case, now) for case in cases[:SHOWN]], len(cases))


def limited(title: str, cases: QuerySet[Case], now: datetime) -> WorkGroup:
    """A group that may be long: its first rows, and a count that stops at a thousand."""
    total = cases.order_by()[:1000].count()
    rows = cases.select_related("counterparty", "assigned_to").order_by("-top_score", "opened_at", "pk")[:SHOWN]
    return WorkGroup(title, [work_row(case, now) for case in rows], total)


def work_row(case: Case, now: datetime) -> WorkRow:
    due, late = due_words(case, now)
    if case.state == CaseState.INFORMATION_REQUESTED and case.question:
        why = f"{case.number}. Question: {case.question[:120]}"
    elif case.reopened_because:
        why = f"{case.number}. Reopened: {case.reopened_because}"
    else:
        why = f"{case.number}, {case.get_state_display().lower()}"
    return WorkRow(case, due, late, why)
