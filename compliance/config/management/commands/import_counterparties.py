"""manage.py import_counterparties FILE: create and update counterparties by external id."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.config.management.commands.load_list import actor_named
from compliance.config.waiting import until_done
from compliance.core.errors import ComplianceError
from compliance.counterparties import services as counterparties


class Command(BaseCommand):
    help = "Import counterparties from CSV and wait for the result; refused rows are named with line and cause."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", metavar="USER", help="who imports; the system if not given")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        actor = actor_named(options["username"])
        try:
            kept = counterparties.receive_import(data=file.read_bytes(), filename=file.name, actor=actor)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}. Check the path.") from error
        except ComplianceError as error:
            raise CommandError(error.sentence) from error
        job = until_done(kind=counterparties.IMPORT, key=str(kept.pk))
        kept.refresh_from_db()
        if kept.finished_at is None:
            raise CommandError(f"The import stopped at row {kept.cursor}: {job.error if job else 'no worker took it'}")
        if options["json"]:
            self.stdout.write(json.dumps(kept.counts))
        else:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in kept.counts.items()))
        for row in kept.refusals:
            self.stderr.write(f"{kept.filename}, line {row['line']}: {row['cause']}")
