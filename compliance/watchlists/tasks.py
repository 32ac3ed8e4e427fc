"""The jobs of the lists: sources fetched and laid side by side, the Federal Register watched."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from compliance.jobs import services as jobs
from compliance.watchlists import conflicts, fetching, schedule, watching
from compliance.watchlists.models import ListVersion
from compliance.watchlists.services import COMPARE


@jobs.handler(COMPARE)
def compare_sources(context: jobs.JobContext) -> dict[str, Any]:
    """Compare a version's entries with what other sources print of them."""
    version = ListVersion.objects.get(pk=context.payload["version"])
    return {"conflicts": conflicts.compare(version, context)}


@jobs.handler(fetching.FETCH)
def fetch_source(context: jobs.JobContext) -> dict[str, Any]:
    """Look at the source that the job's key names."""
    return fetching.fetch_source(context.job.key, context)


@jobs.handler(watching.WATCH)
def watch_register(context: jobs.JobContext) -> dict[str, Any]:
    """Read the documents of the Federal Register."""
    return watching.watch(context)


@shared_task(name=schedule.ASK)
def ask_for_source(key: str) -> None:
    """Sent by beat at the hour of each source."""
    schedule.ask_at_beat(key)
