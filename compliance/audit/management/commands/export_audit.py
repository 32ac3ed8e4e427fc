"""manage.py export_audit FOLDER --as USER [filters]: the trail as files that verify_audit can check alone."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from compliance.audit import services
from compliance.core.errors import ComplianceError


class Command(BaseCommand):
    help = "Export the audit trail, whole or filtered, as events.jsonl, events.csv and manifest.json. It is recorded."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder for the three files")
        parser.add_argument("--as", dest="username", required=True, help="the auditor in whose name this is done")
        parser.add_argument("--action", default="", help='an action, or a group such as "case.*"')
        parser.add_argument("--actor", default="", help="the number of the person who acted")
        parser.add_argument("--subject-type", default="", help="the kind of thing, e.g. case")
        parser.add_argument("--subject-id", default="", help="its number")
        parser.add_argument("--text", default="", help="words in the subject")
        parser.add_argument("--from", dest="from_", default="", help="a day or time, ISO 8601")
        parser.add_argument("--to", default="", help="a day (included) or time, ISO 8601")

    def handle(self, *args: Any, folder: Path, username: str, **options: Any) -> None:
        person = get_user_model()._default_manager.filter(username=username, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active person with the user name “{username}”.")
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CommandError(f"{folder} is not an empty folder. Name a new one.")
        filters = {
            "action": options["action"], "actor": options["actor"], "subject_type": options["subject_type"],
            "subject_id": options["subject_id"], "text": options["text"], "from": options["from_"], "to": options["to"],
        }  # fmt: skip
        try:
            made = services.export_trail(filters={k: v for k, v in filters.items() if v}, actor=person)
        except ComplianceError as error:
            raise CommandError(error.sentence) from error
        made.write_to(folder)
        manifest = made.manifest
        self.stdout.write(
            f"{manifest['count']} events, {manifest['first_seq']} to {manifest['last_seq']}, are in {folder}; "
            f"head {manifest['head_seq']} {manifest['head_hash']}. Manifest {made.manifest_sha256}."
        )
