"""manage.py load_list KEY FILE: take in one government list or rule."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.accounts.models import User
from compliance.core.errors import ComplianceError
from compliance.runs.services import run_for_version
from compliance.watchlists import services as lists
from compliance.watchlists.models import VersionState
from compliance.watchlists.parsers.bundle import pack
from compliance.watchlists.sources import RULE, SOURCES
from compliance.watchlists.times import moment

NOT_USED = (VersionState.HELD, VersionState.REFUSED)
TIMES = ("announced", "inspection", "published", "effective", "savings-cutoff", "savings-end")


def actor_named(username: str | None) -> User:
    """The person who acts, or the system. Raises CommandError for an unknown name."""
    if not username:
        return User.objects.system()
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no active person with the user name “{username}”.")
    return person


class Command(BaseCommand):
    help = "Load a list file (plain or .gz): kept whole, read, compared, gated; with --activate put in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join([*SOURCES, "os-DATASET", f"{RULE} (a change, in our JSON form)"])
        parser.add_argument("key", help=f"the source: {known}")
        parser.add_argument("file", type=Path, nargs="+", help="one file, or all files of a list that comes in several")
        for name in TIMES:
            parser.add_argument(
                f"--{name}", metavar="T", help="ISO 8601; a bare date is 00:00 in Washington"
                + ("; none means now" if name == "effective" else ""), dest=name.replace("-", "_"),
            )  # fmt: skip
        parser.add_argument("--activate", action="store_true", help="activate a good version at once")
        parser.add_argument("--as", dest="username", metavar="USER", help="who loads it; the system if not given")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, key: str, file: list[Path], **options: Any) -> None:
        actor = actor_named(options["username"])
        try:
            contents = {path.name: path.read_bytes() for path in file}
        except OSError as error:
            raise CommandError(f"{error.filename} can't be read: {error.strerror}. Check the path.") from error
        if len(contents) < len(file):
            raise CommandError("Two of the files have the same name. Give each file once.")
        name, data = next(iter(contents.items())) if len(file) == 1 else (f"{key}.zip", pack(contents))
        try:
            times = lists.Times(
                **{each.replace("-", "_"): moment(options[each.replace("-", "_")], f"{each} time") for each in TIMES}
            )
            loaded = lists.load(
                key=key, data=data, filename=name, actor=actor, times=times, activate_now=options["activate"]
            )
        except ComplianceError as error:
            raise CommandError(error.sentence) from error
        version = loaded.version
        fresh = version is not None and loaded.state != "unchanged"
        run = run_for_version(version, actor.audit_name) if version and fresh else None
        if options["json"]:
            body = {
                "source": loaded.source,
                "version": version.pk if version else None,
                "state": loaded.state,
                "entries": version.entries if version else 0,
                "added": version.added if version and fresh else 0,
                "modified": version.modified if version and fresh else 0,
                "removed": version.removed if version and fresh else 0,
                "cosmetic": version.cosmetic if version and fresh else 0,
                "problems": version.problem_total if version else 0,
                "held": version.reasons if version and version.state in NOT_USED else [],
                "run": run.pk if run else None,
            }
            self.stdout.write(json.dumps(body))
            return
        for code, count in loaded.problems.items():
            self.stdout.write(f"  {count:>6} {code.replace('_', ' ')}")
        if loaded.state in ("refused", "held"):
            raise CommandError(loaded.sentence)
        self.stdout.write(loaded.sentence)
