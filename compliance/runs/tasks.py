"""The jobs that screen: a version's change, changed counterparties, everything."""

from __future__ import annotations

from typing import Any

from compliance.counterparties.services import SCREEN_CHANGED
from compliance.jobs import services as jobs
from compliance.runs import previews, services, taken_back  # noqa: F401 - taken_back registers its sweeper
from compliance.runs.models import Preview, ScreeningRun
from compliance.runs.waiting_names import unfinished_names_run
from compliance.watchlists.models import ListVersion
from compliance.watchlists.services import RESCREEN


@jobs.handler(RESCREEN)
def screen_version(context: jobs.JobContext) -> dict[str, Any]:
    """Screen every counterparty against what a version changed."""
    version = ListVersion.objects.get(pk=context.payload["version"])
    run = services.run_for_version(version, context.job.requested_by)
    return services.do_run(run, context) if run else {"note": f"{version} is not in force"}


@jobs.handler(SCREEN_CHANGED)
def screen_changed(context: jobs.JobContext) -> dict[str, Any]:
    """Screen new and changed counterparties against everything in force."""
    return services.screen_changed(context)


@jobs.handler(services.FULL)
def screen_all(context: jobs.JobContext) -> dict[str, Any]:
    """Screen everything again."""
    return services.do_run(ScreeningRun.objects.get(pk=context.payload["run"]), context)


@jobs.handler(services.SCREEN_NAMES)
def screen_names(context: jobs.JobContext) -> dict[str, Any]:
    """Screen everything against the entries that got a supplementary name."""
    run = unfinished_names_run() or services.run_for_names(context.job.requested_by)
    return services.do_run(run, context) if run else {"note": "no name waits"}


@jobs.handler(previews.PREVIEW)
def preview_version(context: jobs.JobContext) -> dict[str, Any]:
    """Count what a version that is not active yet would touch."""
    preview = Preview.objects.get(version=context.payload["version"])
    return previews.do(preview, context)
