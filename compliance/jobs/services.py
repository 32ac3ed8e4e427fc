"""Ask for work, claim it, report progress, finish it, and pick up what a lost worker left.

A worker holds a lease: a random token on the row, kept alive by progress. Everything a handler writes shares a
transaction with `JobContext.progress`, which fails if the lease has gone to another worker, so work that was taken
over can't be written twice.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.errors import ComplianceError, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.jobs.models import Job, JobState

log = logging.getLogger(__name__)

Handler = Callable[["JobContext"], Mapping[str, Any] | None]
HANDLERS: dict[str, Handler] = {}
SWEEPERS: list[Callable[[], object]] = []
SENDERS: list[Callable[[int], None]] = []  # set by tasks.py: how a waiting job wakes a worker
RESEND_AFTER = timedelta(seconds=20)


class LeaseLost(Exception):
    """Another worker took this job over; this one must stop and keep nothing."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of this kind (in an app's tasks.py)."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def sweeper(function: Callable[[], object]) -> Callable[[], object]:
    """Register a function that looks for work without a row, and makes the row. Called at every sweep."""
    SWEEPERS.append(function)
    return function


class JobContext:
    """What a handler is given: its payload, and a way to say how far it is."""

    def __init__(self, job: Job, lease: str) -> None:
        self.job = job
        self.lease = lease
        self.payload: dict[str, Any] = job.payload

    def progress(self, done: int | None = None, total: int | None = None, note: str | None = None) -> None:
        """Keep the lease alive and say how far. Raises LeaseLost if another worker has taken over."""
        changes: dict[str, Any] = {"heartbeat_at": timezone.now()}
        for name, value in (("progress_done", done), ("progress_total", total), ("progress_note", note)):
            if value is not None:
                changes[name] = value
        held = Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING, lease=self.lease)
        if not held.update(**changes):
            raise LeaseLost(f"{self.job} was taken over by another worker")


def enqueue(kind: str, *, key: str, payload: Mapping[str, Any] | None = None, requested_by: str = "") -> Job:
    """Leave a row of work in the caller's transaction and wake a worker when it commits.

    While a job of this kind and key waits, that one is returned: the same work is asked for once.
    """
    now = timezone.now()
    facts = {"payload": dict(payload or {}), "requested_by": requested_by, "created_at": now, "run_after": now}
    while True:
        waiting = Job.objects.filter(kind=kind, key=key, state=JobState.QUEUED).first()
        if waiting:
            return waiting
        try:
            with transaction.atomic():
                job = Job.objects.create(kind=kind, key=key, **facts)
            break
        except IntegrityError:  # the same work was asked for between look and write: look again
            continue
    transaction.on_commit(lambda: send(job.pk), robust=True)
    return job


def send(job_id: int) -> None:
    """Wake a worker. A broker that is down is no error: the row waits and the sweep sends it again."""
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(sent_at=timezone.now())
    for sender in SENDERS:
        try:
            sender(job_id)
        except Exception as error:  # whatever the broker's client raises, the row stays
            log.warning("job %s waits in its row, no message could be sent: %s", job_id, error)


def claim(job_id: int) -> JobContext | None:
    """Take a waiting job, or one whose worker went silent. None if somebody else has it or it is done."""
    now = timezone.now()
    lease = secrets.token_hex(16)
    waiting = models.Q(state=JobState.QUEUED, run_after__lte=now)
    abandoned = models.Q(state=JobState.RUNNING, heartbeat_at__lt=now - lease_time())
    taken = (
        Job.objects.filter(pk=job_id)
        .filter(waiting | abandoned)
        .update(
            state=JobState.RUNNING,
            lease=lease,
            attempts=models.F("attempts") + 1,
            heartbeat_at=now,
            started_at=Coalesce("started_at", models.Value(now, models.DateTimeField())),
        )
    )
    return JobContext(Job.objects.get(pk=job_id), lease) if taken else None


def lease_time() -> timedelta:
    """How long a silent worker keeps its job."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def run(job_id: int) -> Job | None:
    """Claim and do one job here and now. None if it was not to be had. Never raises for the handler's failure."""
    context = claim(job_id)
    if context is None:
        return None
    job = context.job
    if job.attempts > settings.JOB_MAX_ATTEMPTS:
        give_up(job, context.lease, f"its worker was lost {job.attempts - 1} times")
        return refreshed(job)
    try:
        result = HANDLERS[job.kind](context)
    except LeaseLost as lost:
        log.warning("%s", lost)
    except Exception as error:
        failed(job, context.lease, error)
    else:
        Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease=context.lease).update(
            state=JobState.SUCCEEDED, result=dict(result or {}), finished_at=timezone.now(), error="", lease=""
        )
    return refreshed(job)


def refreshed(job: Job) -> Job:
    job.refresh_from_db()
    return job


def failed(job: Job, lease: str, error: Exception) -> None:
    """A refusal in words is final; anything else is tried again with a growing pause, then given up."""
    reason = error.sentence if isinstance(error, ComplianceError) else f"{type(error).__name__}: {error}"
    log.exception("%s failed", job, exc_info=error)
    if isinstance(error, ComplianceError) or job.attempts >= settings.JOB_MAX_ATTEMPTS:
        give_up(job, lease, reason)
        return
    again = timezone.now() + timedelta(seconds=2**job.attempts)
    held = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease=lease)
    try:
        with transaction.atomic():
            held.update(state=JobState.QUEUED, lease="", run_after=again, sent_at=None, error=reason[:2000])
    except IntegrityError:  # the same work was asked for again meanwhile: that row will do it
        held.update(state=JobState.FAILED, lease="", finished_at=timezone.now(), error=f"taken over; {reason}"[:2000])


@transaction.atomic
def give_up(job: Job, lease: str, reason: str) -> None:
    """Mark a job failed for good; that is an event, since somebody must act on it."""
    held = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease=lease)
    if held.update(state=JobState.FAILED, lease="", finished_at=timezone.now(), error=reason[:2000]):
        data = {"kind": job.kind, "reason": reason[:500].replace("\x00", ""), "attempts": job.attempts}
        audit.record("job.failed", subject=job, actor=User.objects.system(), data=data)


def retry(job: Job, *, actor: User) -> None:
    """Let a failed job run again, from where it saved its progress.

    Raises NotAllowed, and WrongState if it has not failed or the same work was asked for again already.
    """
    check_permission(actor, Permission.RUN_START)
    again = {"attempts": 0, "run_after": timezone.now(), "sent_at": None, "finished_at": None}
    failed_one = Job.objects.filter(pk=job.pk, state=JobState.FAILED)
    try:
        with transaction.atomic():
            taken = failed_one.update(state=JobState.QUEUED, requested_by=actor.audit_name, **again)
            if taken:
                audit.record("job.retried", subject=job, actor=actor, data={"kind": job.kind})
    except IntegrityError:
        raise WrongState("The same work was asked for again already and waits to run.") from None
    if not taken:
        raise WrongState("This work has not failed, or it was started again meanwhile. Reload to see where it stands.")
    transaction.on_commit(lambda: send(job.pk), robust=True)


def due(now: datetime | None = None) -> models.QuerySet[Job]:
    """Jobs that somebody should be doing now: waiting and due, or running with a lease that ran out."""
    now = now or timezone.now()
    waiting = models.Q(state=JobState.QUEUED, run_after__lte=now)
    abandoned = models.Q(state=JobState.RUNNING, heartbeat_at__lt=now - lease_time())
    return Job.objects.filter(waiting | abandoned).order_by("pk")


def sweep() -> int:
    """Find work without a row, then wake workers for rows whose message may be lost. Returns how many were sent."""
    for find in SWEEPERS:
        try:
            find()
        except Exception:
            log.exception("a sweep failed; the next one tries again")
    now = timezone.now()
    silent = models.Q(sent_at=None) | models.Q(sent_at__lt=now - RESEND_AFTER) | models.Q(state=JobState.RUNNING)
    ids = list(due(now).filter(silent).values_list("pk", flat=True)[:100])
    for job_id in ids:
        send(job_id)
    return len(ids)


def run_due(*, limit: int = 10_000) -> list[Job]:
    """Do every due job here, until none is left: for commands that wait and for tests. Handlers may add more."""
    done: list[Job] = []
    while len(done) < limit:
        job_id = due().values_list("pk", flat=True).first()
        if job_id is None:
            break
        job = run(job_id)
        if job is not None:
            done.append(job)
    return done
