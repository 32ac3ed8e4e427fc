"""The Consolidated Screening List of trade.gov: the official CSV, with or without the `_id` column.

Rows are read with the physical line they begin at, since a cell may hold line breaks. What the
official file is known to damage (letters lost to "?", impossible dates, a stray "and" before the
last alias) is loaded, marked and reported; a row that cannot be read is reported and left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from .base import LIST_CODES, OFAC_LISTS, ListedAddress, ListedEntry, ParsedList, Problem, RefusedFile
from .countries import CODE_OF_PRINTED_NAME, COUNTRY_CODES
from .text import collapse, decode

WANTED = "the Consolidated Screening List as CSV"

OFFICIAL_HEADER = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,gross_registered_tonnage,"
    "vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,dates_of_birth,nationalities,"
    "places_of_birth,source_information_url,ids"
)
COLUMNS = tuple(OFFICIAL_HEADER.split(","))
OPTIONAL_COLUMNS = frozenset({"_id"})
VESSEL_COLUMNS = COLUMNS[COLUMNS.index("call_sign") : COLUMNS.index("remarks")]

# A file with more unreadable rows than this is another file, not a list with faults.
MAX_UNREADABLE_ROWS = 10_000
EARLIEST_YEAR = 1900

_KINDS = {"individual": "person", "entity": "organization", "vessel": "vessel", "aircraft": "aircraft", "": "unknown"}

# The code that stands in parentheses in `source`, where it is not ours already.
_CODES_IN_PARENTHESES = {code: code for code in LIST_CODES} | {
    "NS-MBS": "MBS",
    "NS-MBS LIST": "MBS",
    "CAPTA": "CAP",
    "NS-CMIC": "CMIC",
    "NS-PLC": "PLC",
    "ITAR": "DTC",
}
_LIST_NAMES = {
    "entity list": "EL",
    "denied persons list": "DPL",
    "unverified list": "UVL",
    "military end user list": "MEU",
    "specially designated nationals": "SDN",
    "sectoral sanctions identifications list": "SSI",
    "foreign sanctions evaders": "FSE",
    "palestinian legislative council list": "PLC",
    "capta list": "CAP",
    "itar debarred": "DTC",
    "nonproliferation sanctions": "ISN",
    "non-sdn chinese military-industrial complex companies list": "CMIC",
    "non-sdn menu-based sanctions list": "MBS",
}

_SEPARATOR = re.compile(r";(?:\s+|$|(?=and\s))")
_LEADING_AND = re.compile(r"^and(?:\s+|$)")
# "Shangtang Co., Ltd., and Sense Time": a comma ends an alias only after a legal form, for names hold commas.
_COMMA_AND = re.compile(
    r"^(?P<first>.+\b(?:Ltd|Limited|Inc|Incorporated|LLC|L\.L\.C|LLP|Corp|Corporation|Co|GmbH|JSC|OJSC|PJSC|S\.A|Pte|FZE|"
    r"FZCO|B\.V|S\.r\.l)\.?),\s+and\s+(?P<last>\S.*)$"
)
_ISO_DATE = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?(?:\.0+)?Z?)?$")
_US_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# UTF-8 read as Windows-1252 or Latin-1: "Ã©", "â€™".
_MOJIBAKE = re.compile(r"[ÂÃ][\u0080-\u00bf]|â€|â\u0080")


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of a CSL file. Raises RefusedFile when they are not a whole one."""
    text = decode(data, WANTED)
    _check_is_csv(text)
    reading = _Reading()
    rows = _rows(text)
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
    if start.startswith(("{", "[")):
        kind, cure = "JSON", "Choose the CSV download, or load a rule with the key “rule”."
    elif start.startswith(("<!doctype html", "<html", "<head", "<body")):
        kind, cure = "an HTML page, perhaps an error page of the server", "Download the CSV file itself."
    elif start.startswith("<"):
        kind, cure = "XML", "Choose the CSV download."
    else:
        return
    raise RefusedFile("not_csv", f"The file is {kind}, not {WANTED} (line 1). {cure}", line=1)


@dataclass(frozen=True, slots=True)
class _Row:
    """One record: the physical line it begins at, and its fields or what the reader objected to."""

    line: int
    fields: list[str]
    error: str = ""


def _rows(text: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield _Row(line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield _Row(line, [], str(error))


_UNCLOSED = "unexpected end of data"


@dataclass
class _Reading:
    """The state of reading one file: its header, and what was found so far."""

    header: list[str] = field(default_factory=list)
    entries: list[ListedEntry] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: int = 0
    line_of_id: dict[str, int] = field(default_factory=dict)
    last: _Row | None = None

    def read_header(self, row: _Row) -> None:
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
            f"{word} {', '.join(_shown(name) for name in names[:12])}"
            for word, names in (("it lacks", lacking), ("it has unknown", extra), ("it repeats", repeated))
            if names
        ]
        raise RefusedFile(
            "wrong_header",
            f"The column names in line {row.line} are not those of {WANTED}: {'; '.join(faults)}. "
            "Download the official file again; if its layout has changed, the parser must be changed first.",
            line=row.line,
        )

    def _no_header(self, row: _Row) -> str:
        joined = ",".join(row.fields)
        for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "upright bars")):
            if joined.count(sign) >= 10 and joined.count(sign) > joined.count(","):
                return (
                    f"The columns in line {row.line} are separated by {word}, not by commas. "
                    "Load the file as it was downloaded, not saved again by another program."
                )
        return (
            f"Line {row.line} is not the column names of {WANTED}: it begins “{_shown(joined)}”. "
            f"The file must begin with {', '.join(COLUMNS[:4])} and so on."
        )

    def read(self, row: _Row) -> None:
        self.last = row
        if row.error == _UNCLOSED:
            raise RefusedFile(
                "cut_off",
                f"The file is cut off: a quote in the row that begins at line {row.line} is never closed. "
                "Download it again.",
                line=row.line,
            )
        fault = self._fault(row)
        if fault is not None:
            self._unreadable(row.line, *fault)
            return
        cells = dict(zip(self.header, row.fields, strict=True))
        name = collapse(cells["name"])
        list_code = list_code_of(cells["source"])
        if not list_code:
            source = _shown(cells["source"].strip())
            self._unreadable(
                row.line,
                "unknown_source",
                f"names the list “{source}”, which is none of the thirteen known. Correct the source, or have the new "
                "list added to the product",
            )
        elif not name:
            self._unreadable(row.line, "no_name", "has no name. Look the entry up on the official list and correct it")
        else:
            self._load(row.line, list_code, name, cells)

    def _fault(self, row: _Row) -> tuple[str, str] | None:
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

    def _unreadable(self, line: int, code: str, what: str) -> None:
        self.unreadable += 1
        if self.unreadable > MAX_UNREADABLE_ROWS:
            raise RefusedFile(
                "too_many_unreadable",
                f"More than {MAX_UNREADABLE_ROWS:,} rows cannot be read (the last at line {line}): "
                f"this is not {WANTED}. Check what was downloaded.",
                line=line,
            )
        self.problems.append(Problem(line, code, f"Line {line} {what}.", "unreadable"))

    def _load(self, line: int, list_code: str, name: str, cells: dict[str, str]) -> None:
        marks: dict[str, str] = {}
        kind = _KINDS.get(cells["type"].strip().lower())
        if kind is None:
            marks["unknown_type"] = f"has the unknown type “{_shown(cells['type'].strip())}”; it is kept without one"
        entry = ListedEntry(
            list_code=list_code,
            name=name,
            aliases=split_aliases(cells["alt_names"], marks),
            addresses=split_addresses(cells["addresses"], marks),
            kind=kind or "unknown",
            entity_number=cells["entity_number"].strip(),
            programs=_values(cells["programs"]),
            title=cells["title"].strip(),
            license_requirement=cells["license_requirement"].strip(),
            license_policy=cells["license_policy"].strip(),
            citation=cells["federal_register_notice"].strip(),
            start_date=_date(cells["start_date"], "start", marks),
            end_date=_date(cells["end_date"], "end", marks),
            start_date_raw=cells["start_date"].strip(),
            end_date_raw=cells["end_date"].strip(),
            standard_order=cells["standard_order"].strip(),
            remarks=cells["remarks"].strip(),
            source_list_url=cells["source_list_url"].strip(),
            citizenships=_values(cells["citizenships"]),
            nationalities=_values(cells["nationalities"]),
            dates_of_birth=_values(cells["dates_of_birth"]),
            places_of_birth=_values(cells["places_of_birth"]),
            identifiers=_values(cells["ids"]),
            vessel=tuple((key, cells[key].strip()) for key in VESSEL_COLUMNS if cells[key].strip()),
        )
        _mark_what_is_missing(entry, marks)
        _mark_letters(cells, marks)
        self._mark_repeated_id(line, cells.get("_id", "").strip(), marks)
        if marks:
            entry = replace(entry, marks=tuple(sorted(marks)))
            self.problems.extend(
                Problem(line, code, f"Line {line} ({_shown(name)}) {what}.", "damaged")
                for code, what in sorted(marks.items())
            )
        self.entries.append(entry)
        self.lines.append(line)

    def _mark_repeated_id(self, line: int, identity: str, marks: dict[str, str]) -> None:
        if not identity:
            return
        first = self.line_of_id.setdefault(identity, line)
        if first != line:
            marks["duplicated_id"] = (
                f"has the same _id as line {first}; both are kept, for an entry is not known by its _id"
            )

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
        if not ends_with_line_break and self.lines and self.lines[-1] == last.line:
            self.problems.append(
                Problem(
                    last.line,
                    "no_final_line_break",
                    f"Line {last.line}, the last, ends without a line break, so the end of its last field may be "
                    "missing. Compare it with the official list.",
                    "damaged",
                )
            )
            marks = {*self.entries[-1].marks, "no_final_line_break"}
            self.entries[-1] = replace(self.entries[-1], marks=tuple(sorted(marks)))
        return ParsedList(
            form="whole", entries=tuple(self.entries), lines=tuple(self.lines), problems=tuple(self.problems)
        )


def list_code_of(source: str) -> str:
    """The list code for the text of the `source` column, or "" when the list is not known."""
    for inside in re.findall(r"\(([^()]*)\)", source):
        code = _CODES_IN_PARENTHESES.get(collapse(inside).upper())
        if code:
            return code
    name = re.sub(r"\([^()]*\)", " ", source.split(" - ")[0])
    name = collapse(name).lower()
    return _LIST_NAMES.get(name, "") or _CODES_IN_PARENTHESES.get(name.upper(), "")


def split_aliases(cell: str, marks: dict[str, str]) -> tuple[str, ...]:
    """The aliases of an `alt_names` cell, "A; B; and C" as A, B, C; commas stay within a name."""
    parts = [part for part in (collapse(part) for part in _SEPARATOR.split(cell)) if part]
    if "and" in parts:
        marks["lone_and"] = "has the word “and” alone in the place of an alias; it was taken out"
        parts = [part for part in parts if part != "and"]
    aliases = _without_leading_and(parts)
    joined = _COMMA_AND.match(aliases[-1]) if aliases else None
    if joined:
        aliases[-1:] = [joined["first"], joined["last"]]
    if aliases != parts:
        marks["stray_and"] = "keeps the word “and” of the printed text before an alias; it was taken out"
    return tuple(dict.fromkeys(aliases))


def split_addresses(cell: str, marks: dict[str, str]) -> tuple[ListedAddress, ...]:
    """The addresses of a cell, each with the country that ends it ("Beijing, CN", or "CN" alone)."""
    parts = [part for part in (collapse(part) for part in _SEPARATOR.split(cell)) if part]
    addresses = _without_leading_and(parts)
    if addresses != parts:
        marks["stray_and_in_address"] = "keeps the word “and” of the printed text before an address; it was taken out"
    return tuple(dict.fromkeys(ListedAddress(text, country_of(text)) for text in addresses if text))


def _without_leading_and(parts: list[str]) -> list[str]:
    """The parts with "and " taken from all but the first, which may be a name that begins so."""
    return parts[:1] + [_LEADING_AND.sub("", part) for part in parts[1:]]


def country_of(address: str) -> str:
    """The ISO code for the country printed at the end of an address, or "" when none is."""
    last = address.rpartition(",")[2].strip()
    return last if last in COUNTRY_CODES else CODE_OF_PRINTED_NAME.get(last.lower(), "")


def _values(cell: str) -> tuple[str, ...]:
    parts = (collapse(part) for part in _SEPARATOR.split(cell))
    return tuple(dict.fromkeys(part for part in parts if part))


def _date(cell: str, which: str, marks: dict[str, str]) -> str:
    raw = cell.strip()
    if not raw:
        return ""
    iso, us = _ISO_DATE.match(raw), _US_DATE.match(raw)
    try:
        if iso:
            found = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif us:
            found = date(int(us[3]), int(us[1]), int(us[2]))
        else:
            raise ValueError(raw)
    except ValueError:
        found = None
    if found is not None and found.year >= EARLIEST_YEAR:
        return found.isoformat()
    marks["impossible_date"] = f"gives the {which} date “{_shown(raw)}”, which cannot be; it is kept as unknown"
    return ""


def _mark_what_is_missing(entry: ListedEntry, marks: dict[str, str]) -> None:
    if entry.list_code in OFAC_LISTS and not entry.entity_number:
        marks["missing_entity_number"] = "has no entity number, which OFAC gives every entry; it is known by its name"
    if entry.list_code != "EL":
        return
    if not entry.start_date_raw:
        marks["missing_date"] = "has no start date; it is kept as unknown"
    if not entry.citation:
        marks["missing_citation"] = "cites no Federal Register notice"
    if not entry.license_requirement:
        marks["missing_requirement"] = "states no license requirement; read the official list"
    if not entry.license_policy:
        marks["missing_policy"] = "states no license review policy; read the official list"


_LETTER_FIELDS = ("name", "alt_names", "addresses", "title", "license_requirement", "license_policy")


def _mark_letters(cells: dict[str, str], marks: dict[str, str]) -> None:
    texts = {name: cells[name] for name in _LETTER_FIELDS}
    lost = [name for name, text in texts.items() if "?" in text]
    if lost:
        marks["lost_letters"] = f"has “?” where letters were lost ({', '.join(lost)}); the text is kept as it is"
    everything = "\n".join(cells.values())
    broken = [name for name in ("name", "alt_names", "addresses") if "\n" in cells[name] or "\r" in cells[name]]
    if broken:
        marks["line_break"] = f"breaks its line within a cell ({', '.join(broken)}); it is read as a space"
    if "\ufffd" in everything:
        marks["replacement_character"] = "holds the sign U+FFFD, where a character was lost; the text is kept as it is"
    if _CONTROL.search(everything):
        marks["control_character"] = "holds a control character; the text is kept as it is"
    if _MOJIBAKE.search(everything):
        marks["wrong_letters"] = "has letters that were read in a wrong encoding (as “Ã©”); the text is kept as it is"


def _shown(text: str) -> str:
    short = collapse(text)
    return short if len(short) <= 60 else short[:57] + "..."
