"""The jobs of the lists: sources laid side by side."""

from __future__ import annotations

from typing import Any

from compliance.jobs import services as jobs
from compliance.watchlists import conflicts
from compliance.watchlists.models import ListVersion
from compliance.watchlists.services import COMPARE


@jobs.handler(COMPARE)
def compare_sources(context: jobs.JobContext) -> dict[str, Any]:
    """Compare a version's entries with what other sources print of them."""
    version = ListVersion.objects.get(pk=context.payload["version"])
    return {"conflicts": conflicts.compare(version, context)}
