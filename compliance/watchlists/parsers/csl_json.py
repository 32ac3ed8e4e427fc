"""The Consolidated Screening List of trade.gov as JSON: {"results": [{"name": ..., "addresses": [...], ...}]}.

Each record is written out the way the official CSV prints it and then read as a CSV row is, so that one
list gives one set of entries whichever layout was loaded: lists are joined with "; ", an address as
address, city, state, postal code, country, an identifier as its values in alphabetical order of their keys.
"""

from __future__ import annotations

from typing import Any

from .base import ParsedList, RefusedFile
from .csl_record import COLUMNS, CslRecords
from .rows import MAX_FIELD_LENGTH, Findings, shown
from .strict_json import StrictJson, printable
from .text import collapse, decode

WANTED = "the Consolidated Screening List as JSON"

_RULE_FORM = "entity-desk-rule"
_ADDRESS_KEYS = ("address", "city", "state", "postal_code", "country")
_ID_KEYS = ("country", "expiration_date", "issue_date", "number", "type")
# `id` is the `_id` of the CSV; `country` stands beside the addresses in some lists; `score` in search results.
_KNOWN_KEYS = frozenset({*COLUMNS, "id", "country", "score"})
# Without these in any record the layout is another one: names or addresses would be lost without a word.
_NEEDED_KEYS = ("source", "name", "addresses", "alt_names")


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of the bulk file. Raises RefusedFile when they are not a whole one."""
    return parse_text(decode(data, WANTED))


def parse_text(text: str) -> ParsedList:
    """Read the text of the bulk file. Raises RefusedFile when it is not a whole one."""
    reading = _Reading(text)
    start = reading.json.skip_space(0)
    end = reading.results(start) if text.startswith("[", start) else reading.envelope(start)
    if reading.json.skip_space(end) < len(text):
        raise reading.json.refused(reading.json.skip_space(end), "there is more after the list")
    return reading.finish()


class _FieldError(ValueError):
    """What a record holds where the layout has something else; continues "Line 5 (result 3) ..."."""


class _Reading:
    """The state of reading one file."""

    def __init__(self, text: str) -> None:
        self.json = StrictJson(text, WANTED)
        self.found = Findings(WANTED)
        self.records = CslRecords(self.found)
        self.keys: set[str] = set()
        self.count = 0
        self.total: str | None = None
        self.has_results = False

    def envelope(self, at: int) -> int:
        """Read the object around the records; returns where it ends."""
        if self.json.text[at : at + 1] != "{":
            raise self.json.refused(at, "a value in braces should begin here")
        at = self.json.skip_space(at + 1)
        first = True
        while self.json.text[at : at + 1] != "}":
            if not first:
                at = self._sign(at, ",")
            first = False
            key = self.json.value(at)
            if not isinstance(key.value, str) or self.json.text[at : at + 1] != '"':
                raise self.json.refused(at, "a key in quotes should stand here")
            at = self._member(key.value, self._sign(self.json.skip_space(key.end), ":"))
            at = self.json.skip_space(at)
        return at + 1

    def _member(self, key: str, at: int) -> int:
        if key == "results" and self.json.text[at : at + 1] == "[":
            return self.results(at)
        member = self.json.value(at)
        if key == "form" and member.value == _RULE_FORM:
            raise RefusedFile(
                "not_csv",
                "The file is JSON and a rule, not the Consolidated Screening List (line 1). "
                "Load a rule with the key “rule”.",
                line=1,
            )
        if key == "total" and isinstance(member.value, str):
            self.total = member.value
        return member.end

    def results(self, at: int) -> int:
        """Read the list of records that begins at a place; returns where it ends."""
        if self.has_results:
            raise RefusedFile(
                "repeated_key",
                f"The file gives its results twice, again at line {self.json.line_of(at)}. Download it again.",
                line=self.json.line_of(at),
            )
        self.has_results = True
        since, line = at, self.json.line_of(at)
        at = self.json.skip_space(at + 1)
        while self.json.text[at : at + 1] != "]":
            if self.count:
                at = self._sign(at, ",")
            line = self.json.line_of(at, since=since, line=line)
            since = at
            record = self.json.value(at)
            self.count += 1
            self.found.where = f" (result {self.count})"
            self._record(line, record.value, record.fault)
            at = self.json.skip_space(record.end)
        return at + 1

    def _sign(self, at: int, sign: str) -> int:
        """The place behind a sign that must stand here, and behind the white space after it."""
        if self.json.text[at : at + 1] != sign:
            raise self.json.refused(at, f"“{sign}” should stand here")
        return self.json.skip_space(at + 1)

    def _record(self, line: int, record: Any, fault: str) -> None:
        if fault:
            self.found.unreadable(line, "bad_json", f"{fault}. Download the file again, or have the record corrected")
            return
        if not isinstance(record, dict):
            self.found.unreadable(line, "wrong_type", "is no record in braces. Download the file again")
            return
        unknown = sorted(key for key in record if key not in _KNOWN_KEYS)
        if unknown:
            raise RefusedFile(
                "wrong_header",
                f"Line {line}{self.found.where} has fields that {WANTED} does not: "
                f"{', '.join(printable(key) for key in unknown[:12])}. Download the official file again; "
                "if its layout has changed, the parser must be changed first.",
                line=line,
            )
        self.keys.update(record)
        try:
            cells = _cells(record)
        except _FieldError as error:
            self.found.unreadable(line, "wrong_type", str(error))
            return
        self.records.read(line, cells)

    def finish(self) -> ParsedList:
        """The list, when the file held one."""
        if not self.has_results:
            raise RefusedFile(
                "not_csv",
                f"The file is JSON, but not {WANTED}: it has no “results”. Choose the CSV or JSON download of the "
                "list, or load a rule with the key “rule”.",
                line=1,
            )
        if not self.count:
            raise RefusedFile("no_rows", "The JSON file has no result. Download it again.", line=1)
        lacking = [key for key in _NEEDED_KEYS if key not in self.keys]
        if lacking and self.keys:
            raise RefusedFile(
                "wrong_header",
                f"No record of the file has the fields {', '.join(lacking)}, so it is not {WANTED}. Download the "
                "official file again; if its layout has changed, the parser must be changed first.",
                line=1,
            )
        if self.total is not None and self.total != str(self.count):
            raise RefusedFile(
                "cut_off",
                f"The file says it holds {shown(self.total)} records and holds {self.count:,}. Download it again.",
                line=1,
            )
        return self.found.result()


def _cells(record: dict[str, Any]) -> dict[str, str]:
    """The record as cells of the CSV. Raises _FieldError for a value that the layout does not have."""
    cells = {name: _cell(record.get(name), name) for name in COLUMNS}
    cells["_id"] = cells["_id"] or _cell(record.get("id"), "id")
    country = _cell(record.get("country"), "country").strip()
    if country and not cells["addresses"].strip():
        cells["addresses"] = country
    for name, cell in cells.items():
        if len(cell) > MAX_FIELD_LENGTH:
            raise _FieldError(
                f"has {len(cell):,} characters in “{name}”, more than {MAX_FIELD_LENGTH:,}. Correct it, or download "
                "the file again"
            )
    return cells


def _cell(value: Any, name: str) -> str:
    """One value as the CSV prints it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise _FieldError(f"holds neither text nor a list in “{name}”. Download the file again")
    return "; ".join(part for part in (_item(item, name) for item in value) if part)


def _item(item: Any, name: str) -> str:
    """One item of a list: a text, an address or an identifier."""
    if item is None:
        return ""
    if isinstance(item, str):
        return item.strip()
    keys = {"addresses": _ADDRESS_KEYS, "ids": _ID_KEYS}.get(name)
    if keys is None or not isinstance(item, dict):
        raise _FieldError(f"holds no text in the list “{name}”. Download the file again")
    unknown = [key for key in item if key not in keys]
    if unknown:
        raise _FieldError(f"has the unknown “{printable(unknown[0])}” in “{name}”. Download the file again")
    parts = []
    for key in keys:
        part = item.get(key)
        if part is not None and not isinstance(part, str):
            raise _FieldError(f"holds no text in “{name}”, “{key}”. Download the file again")
        parts.append(collapse(part or ""))
    return ", ".join(part for part in parts if part)
