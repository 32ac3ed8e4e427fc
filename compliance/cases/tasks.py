"""The jobs that turn matches into cases, and list changes into reviews."""

from __future__ import annotations

from compliance.cases import opening, reviews
from compliance.jobs import services as jobs
from compliance.runs.services import OPEN_CASES


@jobs.handler(OPEN_CASES)
def open_from_matches(context: jobs.JobContext) -> dict[str, int]:
    """Open cases for all matches that none has taken up; then ask what the list change did to earlier decisions."""
    return opening.open_from_matches(context) | {"reviews": reviews.ask_due(context)}


@jobs.handler(reviews.ASK_REVIEWS)
def ask_reviews(context: jobs.JobContext) -> dict[str, int]:
    """Queue the holds and clearances that finished list changes touched."""
    return {"reviews": reviews.ask_due(context)}
