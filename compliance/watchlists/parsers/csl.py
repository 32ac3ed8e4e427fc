"""The Consolidated Screening List of trade.gov: the official CSV, with or without the `_id` column, or the JSON.

Rows are read with the physical line they begin at, since a cell may hold line breaks. A row that
cannot be read is reported and left out; what a record gives is settled in `csl_record`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import csl_json
from .base import ParsedList, RefusedFile
from .csl_record import (
    COLUMNS,
    OFFICIAL_HEADER,
    OPTIONAL_COLUMNS,
    CslRecords,
    country_of,
    list_code_of,
    split_addresses,
    split_aliases,
)
from .rows import Findings, Row, csv_rows, shown
from .text import collapse, decode

__all__ = [
    "COLUMNS",
    "OFFICIAL_HEADER",
    "country_of",
    "list_code_of",
    "parse",
    "split_addresses",
    "split_aliases",
]

WANTED = "the Consolidated Screening List as CSV"


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of a CSL file. Raises RefusedFile when they are not a whole one."""
    text = decode(data, WANTED)
    if text.lstrip().startswith(("{", "[")):
        return csl_json.parse_text(text)
    _check_is_csv(text)
    reading = _Reading(Findings(WANTED))
    rows = csv_rows(text)
    header_row = next((row for row in rows if row.fields or row.error), None)
    if header_row is None:
        raise RefusedFile("empty", f"The file is empty; {WANTED} was expected. Download it again.")
    reading.read_header(header_row)
    for row in rows:
        if row.fields or row.error:
            reading.read(row)
    return reading.finish(ends_with_line_break=text.endswith(("\n", "\r")))


def _check_is_csv(text: str) -> None:
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body")):
        kind, cure = "an HTML page, perhaps an error page of the server", "Download the CSV file itself."
    elif start.startswith("<"):
        kind, cure = "XML", "Choose the CSV download."
    else:
        return
    raise RefusedFile("not_csv", f"The file is {kind}, not {WANTED} (line 1). {cure}", line=1)


@dataclass
class _Reading:
    """The state of reading one file: its header, and what was found so far."""

    found: Findings
    records: CslRecords = field(init=False)
    header: list[str] = field(default_factory=list)
    last: Row | None = None

    def __post_init__(self) -> None:
        self.records = CslRecords(self.found)

    def read_header(self, row: Row) -> None:
        if row.error:
            raise RefusedFile(
                "wrong_header",
                f"Line {row.line} should be the column names of {WANTED}, but its quotes do not close. "
                "Download the file again.",
                line=row.line,
            )
        self.header = [collapse(name) for name in row.fields]
        lacking = [name for name in COLUMNS if name not in self.header and name not in OPTIONAL_COLUMNS]
        extra = [name for name in dict.fromkeys(self.header) if name not in COLUMNS]
        repeated = [name for name in COLUMNS if self.header.count(name) > 1]
        if not (lacking or extra or repeated):
            return
        if len(lacking) > len(COLUMNS) - 4:
            raise RefusedFile("missing_header", self._no_header(row), line=row.line)
        faults = [
            f"{word} {', '.join(shown(name) for name in names[:12])}"
            for word, names in (("it lacks", lacking), ("it has unknown", extra), ("it repeats", repeated))
            if names
        ]
        raise RefusedFile(
            "wrong_header",
            f"The column names in line {row.line} are not those of {WANTED}: {'; '.join(faults)}. "
            "Download the official file again; if its layout has changed, the parser must be changed first.",
            line=row.line,
        )

    def _no_header(self, row: Row) -> str:
        joined = ",".join(row.fields)
        for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "upright bars")):
            if joined.count(sign) >= 10 and joined.count(sign) > joined.count(","):
                return (
                    f"The columns in line {row.line} are separated by {word}, not by commas. "
                    "Load the file as it was downloaded, not saved again by another program."
                )
        return (
            f"Line {row.line} is not the column names of {WANTED}: it begins “{shown(joined)}”. "
            f"The file must begin with {', '.join(COLUMNS[:4])} and so on."
        )

    def read(self, row: Row) -> None:
        self.last = row
        if row.unclosed:
            raise RefusedFile(
                "cut_off",
                f"The file is cut off: a quote in the row that begins at line {row.line} is never closed. "
                "Download it again.",
                line=row.line,
            )
        fault = self._fault(row)
        if fault is not None:
            self.found.unreadable(row.line, *fault)
            return
        self.records.read(row.line, dict(zip(self.header, row.fields, strict=True)))

    def _fault(self, row: Row) -> tuple[str, str] | None:
        if row.error:
            return "broken_quotes", f"cannot be split into fields ({row.error}). Correct its quotes"
        if [collapse(name) for name in row.fields] == self.header:
            return "repeated_header", "repeats the column names. Two files may have been joined: take the line out"
        if len(row.fields) != len(self.header):
            return (
                "wrong_field_count",
                f"has {len(row.fields)} fields where {len(self.header)} are expected. "
                "Correct its commas and quotes, or download the file again",
            )
        return None

    def finish(self, *, ends_with_line_break: bool) -> ParsedList:
        last = self.last
        if last is None:
            raise RefusedFile("no_rows", "The file has the column names and no row. Download it again.", line=1)
        if not last.error and len(last.fields) < len(self.header):
            raise RefusedFile(
                "cut_off",
                f"The file is cut off: its last row, at line {last.line}, has {len(last.fields)} of {len(self.header)} "
                "fields. Download it again.",
                line=last.line,
            )
        if not ends_with_line_break and self.found.lines and self.found.lines[-1] == last.line:
            self.found.mark_unended_line(last.line)
        return self.found.result()
