"""manage.py fetch_lists [KEY ...]: look at the sources of lists now."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.config.waiting import until_done
from compliance.counterparties.services import SCREEN_CHANGED
from compliance.jobs.models import JobState
from compliance.runs import services as runs
from compliance.watchlists.models import FetchAttempt, FetchOutcome, ListSource, VersionState
from compliance.watchlists.schedule import ask, fetched_sources, is_fetched_here
from compliance.watchlists.services import COMPARE, RESCREEN
from compliance.watchlists.sources import REGISTER, SOURCES, Source, watched_source

BAD = (FetchOutcome.FAILED, FetchOutcome.REFUSED, FetchOutcome.RUNNING)


class Command(BaseCommand):
    help = (
        "Fetch lists from their official addresses now: kept whole, read, compared, gated, put in force. Ends with 1 "
        "if one failed, was refused or is held."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join([*SOURCES, "os-DATASET", REGISTER.key])
        parser.add_argument("keys", nargs="*", metavar="KEY", help=f"the sources, all if none is named: {known}")
        parser.add_argument("--wait", action="store_true", help="screen counterparties against what is new, and wait")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, keys: list[str], **options: Any) -> None:
        rows = []
        for source in chosen(keys):
            row = fetched(source)
            rows.append(row)
            if not options["json"]:
                self.stdout.write(f"{source.key}: {words_of(row)}")
        if options["wait"]:
            for kind in (COMPARE, RESCREEN, SCREEN_CHANGED, runs.OPEN_CASES):
                until_done(kind=kind)
        bad = [row["source"] for row in rows if row["outcome"] in BAD or row["state"] == VersionState.HELD]
        if options["json"]:
            self.stdout.write(json.dumps({"sources": rows, "failed": bad}))
        if bad:
            raise CommandError(f"Nothing new is in force from {', '.join(bad)}; what was in force stays.")


def chosen(keys: list[str]) -> list[Source]:
    """The sources of these keys, or all that have an address. Raises CommandError for one that can't be fetched."""
    if not keys:
        return fetched_sources(ListSource.objects.values_list("key", flat=True))
    found = []
    for key in dict.fromkeys(keys):
        source = watched_source(key)
        if source is None:
            raise CommandError(
                f"There is no list source “{key}”. Known: {', '.join([*SOURCES, 'os-DATASET', REGISTER.key])}."
            )
        if not is_fetched_here(source):
            raise CommandError(f"{source.title} has no address to fetch it from: load its file with load_list.")
        found.append(source)
    return found


def fetched(source: Source) -> dict[str, Any]:
    """Look at one source, here or by the worker that took the job, and say what came of it."""
    job = ask(source, requested_by="fetch_lists")
    last = until_done(kind=job.kind, key=source.key)
    attempt = FetchAttempt.objects.filter(source__key=source.key).select_related("version").first()
    version = attempt.version if attempt else None
    fresh = version if attempt and version and attempt.outcome == FetchOutcome.NEW else None
    failed = last is not None and last.state == JobState.FAILED
    sentence = last.error if failed and last else attempt.sentence if attempt else "No check was made."
    return {
        "source": source.key,
        "outcome": str(FetchOutcome.FAILED if failed or attempt is None else attempt.outcome),
        "code": "job_failed" if failed else attempt.code if attempt else "",
        "sentence": sentence,
        "version": version.pk if version else None,
        "state": version.state_now if version and attempt and attempt.outcome != FetchOutcome.UNCHANGED else "",
        "added": fresh.added if fresh else 0,
        "modified": fresh.modified if fresh else 0,
        "removed": fresh.removed if fresh else 0,
        "cosmetic": fresh.cosmetic if fresh else 0,
    }


def words_of(row: dict[str, Any]) -> str:
    """One line on one source."""
    if row["state"] == VersionState.HELD:
        return f"held: {row['sentence']}"
    if row["outcome"] == FetchOutcome.NEW and row["version"]:
        return f"new version {row['version']}: +{row['added']} ~{row['modified']} -{row['removed']}, {row['state']}"
    if row["source"] == REGISTER.key and row["outcome"] not in BAD:
        return row["sentence"]
    if row["outcome"] == FetchOutcome.UNCHANGED:
        return "not changed"
    return f"{row['outcome']}: {row['sentence']}"
