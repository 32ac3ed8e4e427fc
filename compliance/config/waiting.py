"""For commands that wait: do the work here when no worker takes it, else watch until it is done."""

from __future__ import annotations

import time

from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState

POLL_SECONDS = 0.2


def until_done(*, kind: str, key: str | None = None) -> Job | None:
    """Wait until no job of this kind (and key) waits or runs, doing due ones in this process. Returns the last one."""
    while True:
        rows = Job.objects.filter(kind=kind)
        if key is not None:
            rows = rows.filter(key=key)
        open_job = rows.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).order_by("pk").first()
        if open_job is None:
            return rows.order_by("-pk").first()
        if jobs.run(open_job.pk) is None:
            time.sleep(POLL_SECONDS)
