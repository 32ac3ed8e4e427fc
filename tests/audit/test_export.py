"""An export says what it holds, and shows by itself when it was changed."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from compliance.audit import export
from compliance.audit import services as audit
from compliance.audit.export import EVENTS, MANIFEST, TABLE
from compliance.audit.models import AuditEvent
from compliance.core.errors import Invalid, NotAllowed
from tests.audit.conftest import note


@pytest.fixture
def folder(trail, auditor, tmp_path):
    """A whole export, unpacked."""
    audit.export_trail(filters={}, actor=auditor).write_to(tmp_path / "export")
    return tmp_path / "export"


def rewrite(folder, change) -> None:
    """Change the manifest, as somebody would who also recomputes the files' hashes."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    for name in (EVENTS, TABLE):
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest), "utf-8")


def lines(folder) -> list[str]:
    return (folder / EVENTS).read_text("utf-8").split("\n")[:-1]


def put(folder, kept: list[str]) -> None:
    (folder / EVENTS).write_text("".join(f"{line}\n" for line in kept), "utf-8")


def faults(folder) -> str:
    return " ".join(export.verify_folder(folder).faults)


def test_a_whole_export_holds_alone(folder):
    verdict = export.verify_folder(folder)

    assert (verdict.faults, verdict.count) == ((), 5)


def test_the_manifest_says_what_is_in_it(folder, trail):
    manifest = json.loads((folder / MANIFEST).read_bytes())

    assert {name: manifest[name] for name in ("filter", "count", "first_seq", "last_seq", "head_seq", "head_hash")} == {
        "filter": {}, "count": 5, "first_seq": 1, "last_seq": 5, "head_seq": 5, "head_hash": trail[-1].hash,
    }  # fmt: skip


def test_the_export_is_an_event_after_its_own_head(folder, auditor):
    event = AuditEvent.objects.last()

    assert (event.seq, event.action, event.actor_id) == (6, "audit.exported", str(auditor.pk))
    assert event.data["manifest_sha256"] == hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def test_a_filtered_export_holds_alone(trail, auditor, officer, tmp_path):
    note(auditor)
    audit.export_trail(filters={"actor": str(officer.pk), "text": ""}, actor=auditor).write_to(tmp_path)

    verdict = export.verify_folder(tmp_path)
    assert (verdict.faults, verdict.count, verdict.manifest["filter"]) == ((), 5, {"actor": str(officer.pk)})


def test_an_export_of_nothing_holds(trail, auditor, tmp_path):
    audit.export_trail(filters={"action": "hold.placed"}, actor=auditor).write_to(tmp_path)

    assert export.verify_folder(tmp_path).faults == ()


def test_only_who_may_export_does(trail, officer, manager):
    for person in (officer, manager):
        with pytest.raises(NotAllowed):
            audit.export_trail(filters={}, actor=person)

    assert AuditEvent.objects.filter(action="audit.exported").count() == 0


def test_an_unreadable_filter_exports_nothing(trail, auditor):
    with pytest.raises(Invalid):
        audit.export_trail(filters={"from": "yesterday"}, actor=auditor)

    assert AuditEvent.objects.count() == 5


def test_a_cut_tail_is_found(folder):
    put(folder, lines(folder)[:-1])

    assert "SHA-256 differs" in faults(folder)


def test_a_cut_tail_with_new_file_hashes_is_found(folder):
    put(folder, lines(folder)[:-1])
    rewrite(folder, lambda manifest: None)

    assert "the trail ends at 4, but 5 was recorded" in faults(folder)


def test_a_cut_tail_of_a_filtered_export_is_found(trail, auditor, tmp_path):
    audit.export_trail(filters={"action": "case.*"}, actor=auditor).write_to(tmp_path)
    put(tmp_path, lines(tmp_path)[:-1])
    rewrite(tmp_path, lambda manifest: None)

    assert "holds 4 events from 1 to 4, but the manifest says 5 from 1 to 5" in faults(tmp_path)


def test_an_edited_line_is_found(folder):
    put(folder, [line.replace("note 3", "note 9") for line in lines(folder)])
    rewrite(folder, lambda manifest: None)

    assert "event 3 was altered" in faults(folder)


def test_lines_that_changed_places_are_found(folder):
    kept = lines(folder)
    put(folder, [kept[0], kept[2], kept[1], *kept[3:]])
    rewrite(folder, lambda manifest: None)

    assert "event 2 is missing" in faults(folder)


def test_an_edited_table_is_found(folder):
    (folder / TABLE).write_bytes((folder / TABLE).read_bytes().replace(b"note 3", b"note 9"))

    assert f"{TABLE} is not the file that the manifest names" in faults(folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"form": 1}', '{"form": "entity-desk-audit-export", "form_version": 1}', "\x00", "{"]
)
def test_a_manifest_that_is_none_is_a_fault_and_no_crash(folder, text):
    (folder / MANIFEST).write_text(text)

    assert "can't be read" in faults(folder)


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "null", '{"seq": "1"}', '{"seq": 1, "hash": 2}', "[" * 100_000, '"\\ud800"']
)
def test_a_line_that_is_no_event_is_named(folder, line):
    put(folder, [*lines(folder)[:2], line])

    assert "line 3 can't be read as an event" in faults(folder)


def test_a_missing_file_is_a_fault(folder):
    (folder / EVENTS).unlink()

    assert "can't be read" in faults(folder)


@pytest.mark.parametrize("odd", ["\u2028", "\u0085", "\x0b", "\x1c", "\r"])
def test_a_line_separator_inside_a_note_is_no_new_line(officer, auditor, tmp_path, odd):
    note(officer, f"before{odd}after")
    audit.export_trail(filters={}, actor=auditor).write_to(tmp_path)

    assert export.verify_folder(tmp_path).faults == ()


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_escaped(first):
    assert export.safe_cell(f"{first}1+1") == f"'{first}1+1"


def test_a_formula_as_a_name_is_escaped_in_the_table_and_kept_in_the_events(officer, auditor, tmp_path):
    officer.first_name = "=HYPERLINK(1)"
    note(officer)
    audit.export_trail(filters={}, actor=auditor).write_to(tmp_path)

    text = (tmp_path / TABLE).read_text("utf-8-sig")
    row = next(csv.DictReader(StringIO(text, newline="")))
    assert row["subject_label"].startswith("'=HYPERLINK")
    assert json.loads(lines(tmp_path)[0])["subject_label"].startswith("=HYPERLINK")


def test_the_zip_holds_the_three_files(trail, auditor):
    with audit.export_trail(filters={}, actor=auditor).as_zip() as out, zipfile.ZipFile(out) as archive:
        assert archive.namelist() == [EVENTS, TABLE, MANIFEST]


def test_the_scratch_folder_goes_away(trail, auditor):
    made = audit.export_trail(filters={}, actor=auditor)
    scratch = made.folder
    del made

    assert not scratch.exists()


class TestTheCommands:
    def test_an_exported_folder_verifies(self, trail, auditor, tmp_path, capsys):
        call_command("export_audit", str(tmp_path / "out"), "--as", auditor.username)
        call_command("verify_audit", str(tmp_path / "out"), "--against-database")

        out = capsys.readouterr().out
        assert "Recorded as event 6 by Ivy Okafor" in out
        assert f"The export holds: 5 events, 1 to 5, head 5 {trail[-1].hash}." in out

    def test_a_rewritten_manifest_is_found_against_the_database(self, folder):
        rewrite(folder, lambda manifest: manifest.update(made_by="Somebody else"))
        assert export.verify_folder(folder).holds

        with pytest.raises(CommandError, match="No export with this manifest"):
            call_command("verify_audit", str(folder), "--against-database")

    def test_a_broken_export_fails(self, folder):
        put(folder, lines(folder)[:-1])

        with pytest.raises(CommandError, match="SHA-256 differs"):
            call_command("verify_audit", str(folder))

    def test_who_may_not_export_is_refused(self, trail, officer, tmp_path):
        with pytest.raises(CommandError, match="may not export"):
            call_command("export_audit", str(tmp_path / "out"), "--as", officer.username)

    def test_a_folder_with_something_in_it_is_refused(self, folder, auditor):
        with pytest.raises(CommandError, match="not an empty folder"):
            call_command("export_audit", str(folder), "--as", auditor.username)

    def test_filters_reach_the_export(self, trail, auditor, tmp_path):
        call_command("export_audit", str(tmp_path / "out"), "--as", auditor.username, "--action", "hold.*")

        assert export.verify_folder(tmp_path / "out").count == 0
