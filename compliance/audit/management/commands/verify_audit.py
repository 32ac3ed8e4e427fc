"""manage.py verify_audit [EXPORT_DIR]: the chain in the database, or an export alone, still holds."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from compliance.audit import export, services, triggers
from compliance.audit.models import AuditEvent


class Command(BaseCommand):
    help = "Verify the audit chain in the database, or, with a folder, an export with nothing but its files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="a folder with an unpacked export")
        parser.add_argument(
            "--against-database",
            action="store_true",
            help="also ask this database whether the export's manifest is the one that was recorded",
        )

    def handle(self, *args: Any, folder: Path | None, against_database: bool, **options: Any) -> None:
        if folder:
            self.verify_export(folder, against_database)
        else:
            self.verify_database()

    def verify_database(self) -> None:
        verdict = services.verify_database()
        gone = triggers.missing(connection)
        if verdict.broken:
            raise CommandError(f"Broken at event {verdict.broken.seq}: {verdict.broken.sentence}.")
        if gone:
            raise CommandError(f"The chain holds, but the append-only triggers are missing: {', '.join(gone)}.")
        self.stdout.write(f"The chain holds: {verdict.count} events, head {verdict.head_seq} {verdict.head_hash}.")

    def verify_export(self, folder: Path, against_database: bool) -> None:
        verdict = export.verify_folder(folder)
        if verdict.holds and against_database:
            recorded = AuditEvent.objects.filter(
                action="audit.exported", data__manifest_sha256=verdict.manifest_sha256
            ).first()
            if recorded is None:
                raise CommandError("No export with this manifest was recorded in this database.")
            self.stdout.write(f"Recorded as event {recorded.seq} by {recorded.actor_name}.")
        if not verdict.holds:
            raise CommandError("\n".join(verdict.faults))
        manifest = verdict.manifest
        self.stdout.write(
            f"The export holds: {verdict.count} events, {manifest['first_seq']} to {manifest['last_seq']}, "
            f"head {manifest['head_seq']} {manifest['head_hash']}."
        )
