"""Jobs: a row, a lease, saved progress; lost workers lose nothing and do nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from compliance.audit.models import AuditEvent
from compliance.core.errors import Invalid
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db


@pytest.fixture
def handlers() -> Iterator[dict[str, Any]]:
    before = dict(jobs.HANDLERS)
    yield jobs.HANDLERS
    jobs.HANDLERS.clear()
    jobs.HANDLERS.update(before)


def silent(job: Job) -> None:
    """As if its worker died a while ago."""
    long_ago = timezone.now() - jobs.lease_time() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)


def test_the_same_work_waits_once():
    first = jobs.enqueue("test.work", key="7")

    second = jobs.enqueue("test.work", key="7")

    assert second == first


def test_work_asked_for_while_it_runs_is_new_work():
    first = jobs.enqueue("test.work", key="7")
    jobs.claim(first.pk)

    second = jobs.enqueue("test.work", key="7")

    assert second != first


def test_only_one_worker_gets_a_job():
    job = jobs.enqueue("test.work", key="7")

    claims = [jobs.claim(job.pk), jobs.claim(job.pk)]

    assert [claim is not None for claim in claims] == [True, False]


def test_a_job_whose_worker_went_silent_is_taken_over_and_the_first_one_keeps_nothing():
    job = jobs.enqueue("test.work", key="7")
    first = jobs.claim(job.pk)
    assert first is not None
    silent(job)

    second = jobs.claim(job.pk)

    assert second is not None
    with pytest.raises(jobs.LeaseLost):
        first.progress(done=1)
    second.progress(done=1)


def test_a_handler_that_fails_is_tried_again_later_and_keeps_its_progress(handlers):
    def fails(context: jobs.JobContext) -> None:
        context.progress(done=3, total=9)
        raise OSError("disk full")

    handlers["test.work"] = fails
    job = jobs.enqueue("test.work", key="7")

    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.progress_done, job.run_after > timezone.now()) == (JobState.QUEUED, 3, True)
    assert "disk full" in job.error


def test_a_refusal_in_words_is_final_and_an_event(handlers):
    def refuses(context: jobs.JobContext) -> None:
        raise Invalid("The file is not ours.")

    handlers["test.work"] = refuses
    job = jobs.enqueue("test.work", key="7")

    jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert AuditEvent.objects.get(action="job.failed").data["reason"] == "The file is not ours."


def test_a_job_that_loses_its_worker_too_often_is_given_up(handlers, settings):
    handlers["test.work"] = lambda context: None
    job = jobs.enqueue("test.work", key="7")
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        assert jobs.claim(job.pk)
        silent(job)

    jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_a_broker_that_is_down_leaves_the_work_in_its_row(monkeypatch, django_capture_on_commit_callbacks):
    def down(job_id: int) -> None:
        raise ConnectionError("broker is down")

    monkeypatch.setattr(jobs, "SENDERS", [down])
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("test.work", key="7")

    assert jobs.due().get() == job


def test_the_sweep_wakes_workers_again_for_rows_whose_message_was_lost(monkeypatch):
    sent: list[int] = []
    monkeypatch.setattr(jobs, "SENDERS", [sent.append])
    monkeypatch.setattr(jobs, "SWEEPERS", [])
    job = jobs.enqueue("test.work", key="7")

    jobs.sweep()

    assert sent == [job.pk]


def test_a_sweep_does_not_send_a_fresh_message_twice(monkeypatch):
    sent: list[int] = []
    monkeypatch.setattr(jobs, "SENDERS", [sent.append])
    monkeypatch.setattr(jobs, "SWEEPERS", [])
    jobs.enqueue("test.work", key="7")
    jobs.sweep()

    jobs.sweep()

    assert len(sent) == 1


def test_percent_is_a_hundred_only_when_it_succeeded():
    job = Job(progress_done=9, progress_total=9, state=JobState.RUNNING)

    assert job.percent == 99


def test_writes_of_a_worker_that_lost_its_lease_are_rolled_back():
    job = jobs.enqueue("test.work", key="7")
    first = jobs.claim(job.pk)
    assert first is not None
    silent(job)
    jobs.claim(job.pk)

    def write() -> None:
        with transaction.atomic():
            Job.objects.create(kind="written", key="x", created_at=timezone.now(), run_after=timezone.now())
            first.progress(done=5)

    with pytest.raises(jobs.LeaseLost):
        write()
    assert not Job.objects.filter(kind="written").exists()
