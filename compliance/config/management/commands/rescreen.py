"""manage.py rescreen: screen what is outstanding, one version, or everything."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Sum

from compliance.cases.models import Case
from compliance.config.management.commands.load_list import actor_named
from compliance.config.waiting import until_done
from compliance.core.errors import ComplianceError
from compliance.counterparties.services import SCREEN_CHANGED
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.runs import services as runs
from compliance.runs.models import RunState, ScreeningRun
from compliance.watchlists.models import ListVersion
from compliance.watchlists.services import RESCREEN


class Command(BaseCommand):
    help = "Screen stored counterparties: against the versions not screened yet, one version (--version), or --full."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own --version gives way to ours, which names a list version."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--version", dest="version_id", type=int, metavar="ID", help="this list version alone")
        what.add_argument("--full", action="store_true", help="everything in force against every counterparty")
        parser.add_argument("--wait", action="store_true", help="wait for the result, doing the work if no worker does")
        parser.add_argument("--as", dest="username", metavar="USER", help="who asks; the system if not given")
        parser.add_argument("--reason", default="asked for on the command line")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = actor_named(options["username"])
        wanted = self.ask(options, actor)
        if not options["wait"]:
            self.stdout.write(f"Asked for: {', '.join(map(str, wanted)) or 'nothing is outstanding'}.")
            return
        for kind in (RESCREEN, runs.FULL, SCREEN_CHANGED, runs.OPEN_CASES):
            until_done(kind=kind)
        done = ScreeningRun.objects.filter(pk__in=[run.pk for run in wanted])
        self.report(list(done), options["json"])

    def ask(self, options: dict[str, Any], actor: Any) -> list[ScreeningRun]:
        """The runs asked for; the latest version's own run when nothing is outstanding."""
        try:
            if options["full"]:
                return [runs.start_full(reason=options["reason"], actor=actor)]
        except ComplianceError as error:
            raise CommandError(error.sentence) from error
        if options["version_id"]:
            versions = list(ListVersion.objects.watched().filter(pk=options["version_id"]))
            if not versions:
                raise CommandError(f"There is no active or coming list version {options['version_id']}.")
        else:
            versions = list(runs.unscreened_versions()) or list(ListVersion.objects.watched().order_by("-pk")[:1])
        found = []
        for version in versions:
            with transaction.atomic():
                run = runs.run_for_version(version, actor.audit_name)
                if run is None:
                    continue
                found.append(run)
                key = str(version.pk)
                taken = Job.objects.filter(kind=RESCREEN, key=key, state=JobState.RUNNING).exists()
                if run.state != RunState.FINISHED and not taken:
                    jobs.enqueue(RESCREEN, key=key, payload={"version": version.pk})
        return found

    def report(self, done: list[ScreeningRun], as_json: bool) -> None:
        unfinished = [run for run in done if run.state != RunState.FINISHED]
        sums = ScreeningRun.objects.filter(pk__in=[run.pk for run in done]).aggregate(
            entries=Sum("entries"), matches=Sum("matches_found")
        )
        body = {
            "counterparties": max((run.counterparties for run in done), default=0),
            "entries": sums["entries"] or 0,
            "matches": sums["matches"] or 0,
            "cases_opened": Case.objects.filter(opened_by_run__in=done).count(),
            "seconds": round(sum(run.seconds or 0 for run in done), 3),
        }
        self.stdout.write(json.dumps(body) if as_json else ", ".join(f"{v} {k}" for k, v in body.items()))
        if unfinished:
            raise CommandError(
                "Not finished: " + "; ".join(f"{run}: {run.job.error if run.job else 'no job'}" for run in unfinished)
            )
