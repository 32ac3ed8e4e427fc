"""manage.py draw_states: docs/states.md from the workflow tables."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance.cases.workflow import WORKFLOW as CASES
from compliance.core.workflow import Workflow
from compliance.licenses.workflow import WORKFLOW as LICENSES
from compliance.watchlists.workflow import WORKFLOW as LISTS

PATH = settings.BASE_DIR / "docs" / "states.md"


def page() -> str:
    """The whole page, from the tables alone."""
    head = "# States\n\nDrawn by `manage.py draw_states` from the workflow tables; a test keeps it current.\n"
    return head + "".join(section(table) for table in (LISTS, CASES, LICENSES))


def section(table: Workflow) -> str:
    lines = [f"\n## {table.title}\n", "| move | from | to | recorded as | who may |", "| --- | --- | --- | --- | --- |"]
    for move in table:
        frm = ", ".join(sorted(str(state) for state in move.frm))
        who = f"`{move.rule.__name__}`" if move.rule else "follows by itself"
        lines.append(f"| {move.name} | {frm} | {move.to} | `{move.event}` | {who} |")
    arrows = sorted({f"    {frm} --> {move.to}: {move.name}" for move in table for frm in move.frm})
    return "\n".join([*lines, "", "```mermaid", "stateDiagram-v2", *arrows, "```", ""])


class Command(BaseCommand):
    help = "Write docs/states.md from the workflow tables; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if check:
            if not PATH.exists() or PATH.read_text(encoding="utf-8") != page():
                raise CommandError("docs/states.md is not what the tables say. Run: manage.py draw_states")
            return
        PATH.write_text(page(), encoding="utf-8")
        self.stdout.write(f"{PATH} written")
