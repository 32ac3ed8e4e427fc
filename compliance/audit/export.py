"""Export of the trail: CSV and JSON Lines with a manifest, and the check of such an export without a database.

An export is a folder (or a zip of it) with events.jsonl, events.csv and manifest.json. The manifest holds the
filter, the count, the first and last sequence, the head of the chain at that moment, and a SHA-256 of each file.
The export event in the chain carries the manifest's own SHA-256, so a manifest rewritten later shows too.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from compliance.audit import chain
from compliance.audit.events import sentence

FORM = "entity-desk-audit-export"
FORM_VERSION = 1
EVENTS, TABLE, MANIFEST = "events.jsonl", "events.csv", "manifest.json"
COLUMNS = (
    "seq", "recorded_at", "occurred_at", "effective_at", "actor_name", "action", "sentence", "subject_type",
    "subject_id", "subject_label", "data", "prev_hash", "hash",
)  # fmt: skip
ENDS = ("count", "first_seq", "last_seq", "head_seq")


@dataclass(frozen=True)
class Export:
    """One export: its three files in a scratch folder that goes away with this value, and its manifest."""

    folder: Path
    manifest: dict[str, Any]
    manifest_sha256: str
    scratch: tempfile.TemporaryDirectory[str] = field(repr=False, compare=False)

    def as_zip(self) -> IO[bytes]:
        """The files as one zip, on disk and not in memory; the caller closes it."""
        out = tempfile.TemporaryFile()  # noqa: SIM115 - the caller streams it
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in (EVENTS, TABLE, MANIFEST):
                archive.write(self.folder / name, name)
        out.seek(0)
        return out

    def write_to(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (EVENTS, TABLE, MANIFEST):
            shutil.copyfile(self.folder / name, folder / name)


class HashedFile:
    """A file being written as UTF-8, with the SHA-256 of its bytes so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.sums = hashlib.sha256()

    def write(self, text: str) -> int:
        content = text.encode()
        self.sums.update(content)
        return self.file.write(content)


def safe_cell(value: Any) -> str:
    """Text that a spreadsheet will not run as a formula: a leading = + - @ tab or return gets an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def build(
    events: Iterable[Mapping[str, Any]],
    *,
    filters: Mapping[str, str],
    head_seq: int,
    head_hash: str,
    made_at: str,
    made_by: str,
) -> Export:
    """The files of an export of these events (as `AuditEvent.as_dict`), in order. Memory doesn't grow with them."""
    scratch = tempfile.TemporaryDirectory(prefix="audit-export-")
    folder = Path(scratch.name)
    count, first_seq, last_seq, last_hash = 0, 0, 0, ""
    with (folder / EVENTS).open("wb") as events_file, (folder / TABLE).open("wb") as table_file:
        lines, table = HashedFile(events_file), HashedFile(table_file)
        table.write("\ufeff")
        writer = csv.writer(table, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for event in events:
            lines.write(json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
            row = {**event, "sentence": sentence(event["action"], event["subject_label"], event["data"])}
            row["data"] = json.dumps(event["data"], sort_keys=True, ensure_ascii=False)
            writer.writerow([safe_cell(row[name]) for name in COLUMNS])
            count += 1
            first_seq = first_seq or event["seq"]
            last_seq, last_hash = event["seq"], event["hash"]
    manifest: dict[str, Any] = {
        "form": FORM,
        "form_version": FORM_VERSION,
        "filter": dict(filters),
        "count": count,
        "first_seq": first_seq,
        "last_seq": last_seq,
        "last_hash": last_hash,
        "head_seq": head_seq,
        "head_hash": head_hash,
        "made_at": made_at,
        "made_by": made_by,
        "files": {EVENTS: lines.sums.hexdigest(), TABLE: table.sums.hexdigest()},
    }
    raw = json.dumps(manifest, sort_keys=True, indent=2, ensure_ascii=False).encode() + b"\n"
    (folder / MANIFEST).write_bytes(raw)
    return Export(folder, manifest, hashlib.sha256(raw).hexdigest(), scratch)


@dataclass(frozen=True)
class ExportVerdict:
    """What the check of an export found. `faults` are sentences; none means that it holds."""

    manifest: dict[str, Any]
    manifest_sha256: str
    count: int
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def verify_folder(folder: Path) -> ExportVerdict:
    """Check an export with nothing but its files: hashes, links, count, ends. Never raises for a bad export."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        manifest = json.loads(raw)
        check_manifest(manifest)
        sums = {name: sha256_of(folder / name) for name in (EVENTS, TABLE)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return ExportVerdict({}, "", 0, (f"The export in {folder} can't be read: {error}.",))
    faults = [
        f"{name} is not the file that the manifest names: its SHA-256 differs."
        for name, found in sums.items()
        if found != manifest["files"].get(name)
    ]
    reader = EventReader(folder / EVENTS)
    whole = not manifest["filter"]
    verdict = chain.verify(
        reader,
        head_seq=manifest["head_seq"] if whole else None,
        head_hash=manifest["head_hash"] if whole else None,
        gaps_allowed=not whole,
    )
    for _event in reader.rest():  # the count goes on behind a break
        pass
    if reader.fault:
        faults.append(reader.fault)
    if verdict.broken:
        faults.append(f"{EVENTS}: {verdict.broken.sentence}.")
    ends = (reader.count, reader.first_seq, reader.last_seq)
    stated = (manifest["count"], manifest["first_seq"], manifest["last_seq"])
    if ends != stated:
        faults.append(
            f"{EVENTS} holds {ends[0]} events from {ends[1]} to {ends[2]}, "
            f"but the manifest says {stated[0]} from {stated[1]} to {stated[2]}."
        )
    if reader.count and reader.last_hash != manifest["last_hash"]:
        faults.append(f"{EVENTS} does not end with the event that the manifest names.")
    return ExportVerdict(manifest, hashlib.sha256(raw).hexdigest(), reader.count, tuple(faults))


def check_manifest(manifest: Any) -> None:
    """Raises ValueError, KeyError or TypeError unless every field that the check reads is there, of its kind."""
    if manifest["form"] != FORM or manifest["form_version"] != FORM_VERSION:
        raise ValueError("it is not an audit export of a form that this version reads")
    if not isinstance(manifest["files"], dict) or not isinstance(manifest["filter"], dict):
        raise ValueError("the manifest's files and filter are no tables")
    if any(type(manifest[name]) is not int for name in ENDS):
        raise ValueError("the manifest's counts are no whole numbers")
    if any(not isinstance(manifest[name], str) for name in ("head_hash", "last_hash")):
        raise ValueError("the manifest's hashes are no text")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class EventReader:
    """The events of a file, one a line, with what was counted and the first line that is none.

    Lines end at a line feed only: notes may hold other separators, such as U+2028.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = self.first_seq = self.last_seq = 0
        self.last_hash = self.fault = ""
        self._events = self._read()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._events

    def rest(self) -> Iterator[dict[str, Any]]:
        return self._events

    def _read(self) -> Iterator[dict[str, Any]]:
        with self.path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    event = json.loads(line)
                    check_event(event)
                except (ValueError, KeyError, TypeError, RecursionError):
                    self.fault = f"{EVENTS} line {number} can't be read as an event."
                    return
                self.count += 1
                self.first_seq = self.first_seq or event["seq"]
                self.last_seq, self.last_hash = event["seq"], event["hash"]
                yield event


def check_event(event: Any) -> None:
    """Raises ValueError, KeyError or TypeError unless this has the fields of an event and can be hashed."""
    if type(event["seq"]) is not int or not isinstance(event["hash"], str):
        raise ValueError("sequence or hash are not of their kind")
    chain.canonical_bytes(event)
