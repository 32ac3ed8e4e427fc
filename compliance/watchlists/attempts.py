"""One look at a source as a row: begun, kept alive while it downloads, closed in the transaction that keeps its result.

A look that was killed leaves its row running; the next one closes that row before it begins anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.watchlists.models import FetchAttempt, FetchOutcome, ListSource, ListVersion
from compliance.watchlists.sources import Source

INTERRUPTED = "interrupted"
FAILING = (FetchOutcome.FAILED, FetchOutcome.REFUSED)
Result = TypeVar("Result")


@transaction.atomic
def begin(source: Source, context: jobs.JobContext) -> FetchAttempt | None:
    """A new attempt at this source, with those that were killed closed. None while another worker is at it."""
    context.progress(note=f"fetching {source.title}")
    ListSource.objects.get_or_create(key=source.key, defaults={"title": source.title})
    row = ListSource.objects.select_for_update().get(key=source.key)
    running = row.attempts.filter(outcome=FetchOutcome.RUNNING)
    if running.exists() and another_is_at_it(context):
        return None
    running.update(
        outcome=FetchOutcome.FAILED, finished_at=timezone.now(), code=INTERRUPTED,
        sentence="The program ended during this check. The check was begun anew.",
    )  # fmt: skip
    return FetchAttempt.objects.create(source=row, started_at=timezone.now())


def another_is_at_it(context: jobs.JobContext) -> bool:
    """Whether a worker that gives signs of life does the same work under another job."""
    alive = timezone.now() - jobs.lease_time()
    same = Job.objects.filter(kind=context.job.kind, key=context.job.key, state=JobState.RUNNING)
    return same.filter(heartbeat_at__gte=alive).exclude(pk=context.job.pk).exists()


def kept_alive(work: Callable[[], Result], context: jobs.JobContext) -> Result:
    """Do slow work that touches no database in a thread, and keep the job's lease meanwhile. Raises what it raises.

    A download may take minutes, a lease lasts seconds. When the lease is lost the thread's result is dropped.
    """
    answer: Future[Result] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # handed on to the caller, whatever it is
            answer.set_exception(error)

    threading.Thread(target=run, name="fetch", daemon=True).start()
    while not wait([answer], timeout=jobs.lease_time().total_seconds() / 4).done:
        context.progress()
    return answer.result()


@contextmanager
def closing(attempt: FetchAttempt, context: jobs.JobContext) -> Iterator[tuple[FetchAttempt, ListSource]]:
    """The one transaction that keeps what came of an attempt; the attempt and its source are locked in it.

    The lease is checked at its beginning and renewed at its end, so that work taken over by another worker is not
    kept, and work that is being kept is not taken over.
    """
    with transaction.atomic():
        context.progress(note="keeping what was fetched")
        source = ListSource.objects.select_for_update().get(pk=attempt.source_id)
        yield FetchAttempt.objects.select_for_update().get(pk=attempt.pk, outcome=FetchOutcome.RUNNING), source
        context.progress()


def close(
    attempt: FetchAttempt, outcome: FetchOutcome, sentence: str, *, code: str = "", size: int = 0,
    version: ListVersion | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write down what came of an attempt; returns it for the job's result."""
    attempt.outcome, attempt.finished_at, attempt.code = outcome, timezone.now(), code[:40]
    attempt.sentence, attempt.size, attempt.version = sentence[:500], size, version
    attempt.save()
    return {"attempt": attempt.pk, "outcome": str(outcome), "version": version.pk if version else None}


def fail(attempt: FetchAttempt, context: jobs.JobContext, code: str, sentence: str) -> dict[str, Any]:
    """Close an attempt that gave nothing, with its event. What is in force stays as it is."""
    with closing(attempt, context) as (row, source):
        data = {"source": source.title, "code": code, "reason": sentence}
        audit.record("lists.fetch_failed", subject=source, actor=User.objects.system(), data=data)
        return close(row, FetchOutcome.FAILED, sentence, code=code)
