"""The job that turns matches into cases."""

from __future__ import annotations

from compliance.cases import opening
from compliance.jobs import services as jobs
from compliance.runs.services import OPEN_CASES


@jobs.handler(OPEN_CASES)
def open_from_matches(context: jobs.JobContext) -> dict[str, int]:
    """Open cases for all matches that none has taken up."""
    return opening.open_from_matches(context)
