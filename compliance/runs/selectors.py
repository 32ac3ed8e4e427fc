"""What the pages of screening runs show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.paging import Slice, slice_of, whole_number
from compliance.core.permissions import Permission
from compliance.counterparties.models import DueState, ScreeningDue
from compliance.jobs.models import Job, JobState
from compliance.runs.models import Match, RunState, ScreeningRun

PER_SLICE = 30
NAMES_SHOWN = 50
MATCHES_SHOWN = 10
STATES = {
    RunState.WAITING: ("Waiting", "neu", "clock"),
    RunState.RUNNING: ("Running", "inf", "spin"),
    RunState.FINISHED: ("Finished", "ok", "check"),
    RunState.FAILED: ("Failed", "bad", "alert"),
}
RETRYING = ("Interrupted, tries again", "warn", "refresh")


@dataclass(frozen=True)
class RunRow:
    """One run with its state as it really is: a run whose job failed for good is not running."""

    run: ScreeningRun
    text: str
    tone: str
    icon: str

    @property
    def is_open(self) -> bool:
        return self.tone in ("neu", "inf", "warn")

    @property
    def has_failed(self) -> bool:
        return self.tone == "bad"

    @property
    def bar(self) -> str:
        """State word of components/progress.html."""
        if self.has_failed:
            return "failed"
        if self.run.state == RunState.FINISHED:
            return "done"
        return "interrupted" if self.tone == "warn" else "running"

    @property
    def time_left(self) -> str:
        """From the rate so far; "" while nothing can be said."""
        run = self.run
        if run.state != RunState.RUNNING or not run.started_at or not run.screened or not self.is_open:
            return ""
        spent = timezone.now() - run.started_at
        left = spent * ((run.counterparties - run.screened) / run.screened)
        return f"{in_words(left)} left" if left > timedelta(0) else ""


def in_words(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{max(seconds, 1)} s"
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def run_row(run: ScreeningRun) -> RunRow:
    job = run.job
    if run.state in (RunState.WAITING, RunState.RUNNING) and job is not None:
        if job.state == JobState.FAILED:
            return RunRow(run, *STATES[RunState.FAILED])
        if job.state == JobState.QUEUED and job.attempts:
            return RunRow(run, *RETRYING)
    return RunRow(run, *STATES[RunState(run.state)])


def run_slice(user: User, before: str = "") -> tuple[Slice[ScreeningRun], list[RunRow]]:
    """Runs, newest first, from the one with the number `before` on."""
    rows = ScreeningRun.objects.select_related("version", "job").defer("settings", "version__problems").order_by("-pk")
    if not user.has_permission(Permission.DESK_READ):
        rows = rows.none()
    key = whole_number(before)
    if key:
        rows = rows.filter(pk__lt=key)
    found = slice_of(rows, size=PER_SLICE, is_first=key is None, key=lambda run: run.pk)
    return found, [run_row(run) for run in found.rows]


@dataclass(frozen=True)
class RunPage:
    """One run in full."""

    run: ScreeningRun
    row: RunRow
    failures: list[ScreeningDue]
    more_failures: bool
    not_screenable: list[ScreeningDue]
    more_not_screenable: bool
    matches: list[Match]
    batches: int
    can_retry: bool

    @property
    def seconds_text(self) -> str:
        seconds = self.run.seconds
        return in_words(timedelta(seconds=seconds)) if seconds is not None else ""


def due_named(state: str) -> tuple[list[ScreeningDue], bool]:
    """Records without a valid screening, by name, and whether there are more."""
    rows = list(
        ScreeningDue.objects.filter(state=state)
        .select_related("counterparty")
        .order_by("counterparty")[: NAMES_SHOWN + 1]
    )
    return rows[:NAMES_SHOWN], len(rows) > NAMES_SHOWN


def run_page(run: ScreeningRun, user: User) -> RunPage:
    row = run_row(run)
    failures, more_failures = due_named(DueState.FAILED)
    unfit, more_unfit = due_named(DueState.NOT_SCREENABLE)
    return RunPage(
        run=run,
        row=row,
        failures=failures,
        more_failures=more_failures,
        not_screenable=unfit,
        more_not_screenable=more_unfit,
        matches=list(run.matches.select_related("counterparty", "revision")[:MATCHES_SHOWN]),
        batches=run.batches.count(),
        can_retry=row.has_failed and run.job is not None and user.has_permission(Permission.RUN_START),
    )


def open_runs() -> list[RunRow]:
    """Runs that wait or run, or stopped with a failed job, newest first; a handful."""
    rows = ScreeningRun.objects.filter(state__in=[RunState.WAITING, RunState.RUNNING])
    return [run_row(run) for run in rows.select_related("job", "version").defer("settings").order_by("-pk")[:3]]


@dataclass(frozen=True)
class FailedJob:
    """Work that was given up, in words, and whether it was done since."""

    job: Job
    what: str


WORDS = {
    "runs.screen_version": "Screening a list change",
    "runs.screen_names": "Screening supplementary names",
    "runs.preview": "Counting what a version would touch",
    "lists.compare": "Comparing list sources",
    "lists.fetch": "Fetching a list",
    "lists.watch_register": "Reading the Federal Register",
    "cases.ask_reviews": "Queuing reviews after a list change",
    "runs.screen_changed": "Screening changed counterparties",
    "runs.full": "Full rescreen",
    "cases.open_from_matches": "Opening cases from matches",
    "counterparties.import": "Importing counterparties",
}
FAILED_SHOWN = 5


def failed_jobs() -> list[FailedJob]:
    """Work that failed for good and was not asked for again since, newest first."""
    found: dict[tuple[str, str], Job] = {}
    for job in Job.objects.filter(state=JobState.FAILED).order_by("-pk")[: FAILED_SHOWN * 4]:
        found.setdefault((job.kind, job.key), job)
    if not found:
        return []
    newest = {
        (kind, key): pk
        for kind, key, pk in Job.objects.filter(
            kind__in={kind for kind, _ in found}, key__in={key for _, key in found}
        ).order_by("pk").values_list("kind", "key", "pk")
    }  # fmt: skip
    still = [job for pair, job in found.items() if newest[pair] == job.pk]
    return [FailedJob(job, WORDS.get(job.kind, job.kind)) for job in still[:FAILED_SHOWN]]
