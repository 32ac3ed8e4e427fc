"""The two Celery tasks: do one job, and sweep for work that nobody is doing."""

from __future__ import annotations

from celery import shared_task

from compliance.jobs import services


@shared_task(name="jobs.run")
def run(job_id: int) -> None:
    """Do one job if it is still to be had."""
    services.run(job_id)


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Sent by beat every few seconds."""
    services.sweep()


def wake_worker(job_id: int) -> None:
    """Send the message that makes a worker look at this row."""
    run.apply_async((job_id,), retry=False)


services.SENDERS[:] = [wake_worker]
