"""The consolidated list of financial sanctions targets of the United Kingdom (HM Treasury, OFSI): the official CSV.

The first line gives the day of the list, the second the column names. One party fills several rows: one for
each combination of name, date of birth and address; all rows of one Group ID make one entry. The names of a
row stand in "Name 1" to "Name 5" and, the family name or that of an organization, "Name 6". The file of 2020
is in Windows-1252, later ones in UTF-8; the layout since 2022 has eight columns more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from .base import ListedAddress, ListedEntry, ParsedList, RefusedFile
from .country_names import country_code
from .csl_record import country_of
from .rows import EARLIEST_YEAR, Findings, Row, csv_rows, mark_letters, shown
from .text import collapse, decode, line_of_byte

WANTED = "the UK consolidated list of financial sanctions targets as CSV"
LIST_CODE = "UK"

_NAME_COLUMNS = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_ADDRESS_COLUMNS = (
    "Address 1",
    "Address 2",
    "Address 3",
    "Address 4",
    "Address 5",
    "Address 6",
    "Post/Zip Code",
    "Country",
)
_COLUMNS = frozenset(
    {
        *_NAME_COLUMNS,
        *_ADDRESS_COLUMNS,
        "Title",
        "DOB",
        "Town of Birth",
        "Country of Birth",
        "Nationality",
        "Passport Details",
        "Position",
        "Other Information",
        "Group Type",
        "Alias Type",
        "Regime",
        "Listed On",
        "Last Updated",
        "Group ID",
    }
)
# The number of a national identity document has had two names; the rest came with the layout of 2022.
_OPTIONAL = frozenset(
    {
        "NI Number",
        "Name Non-Latin Script",
        "Non-Latin Script Type",
        "Non-Latin Script Language",
        "Passport Number",
        "National Identification Number",
        "National Identification Details",
        "Alias Quality",
        "UK Sanctions List Date Designated",
    }
)
_KINDS = {"individual": "person", "entity": "organization", "ship": "vessel"}
_PRIMARY = frozenset({"prime alias", "primary name"})
_OTHER_NAMES = frozenset({"aka", "fka", "alias", "primary name variation"})
_WEAK = frozenset({"low", "low quality", "low quality a.k.a"})
_STRONG = frozenset({"", "good", "good quality", "good quality a.k.a"})
_DAY = re.compile(r"^(\d{2})/(\d{2})/(\d{4})$", re.ASCII)
_NUMBERED = re.compile(r"^\(?(?P<first>1|a|i)\)")


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of the UK list. Raises RefusedFile when they are not a whole one."""
    text = _decode(data)
    rows = csv_rows(text)
    first, header = next(rows, None), next(rows, None)
    reading = _Reading(Findings(WANTED), _edition(first), _header(header))
    last = header
    for row in rows:
        if row.fields or row.error:
            reading.read(row)
            last = row
    return reading.finish(last, ends_with_line_break=text.endswith(("\n", "\r")))


def _decode(data: bytes) -> str:
    """The text, from UTF-8 or else from Windows-1252, which HM Treasury used; anything more is refused."""
    try:
        return decode(data, WANTED)
    except RefusedFile as refused:
        if refused.code != "not_utf8":
            raise
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = line_of_byte(data, error.start)
        raise RefusedFile(
            "not_text",
            f"The file is neither UTF-8 nor Windows-1252 text: byte {error.start} in line {line} "
            f"(0x{data[error.start]:02X}) has no meaning there. Download {WANTED} again.",
            line=line,
        ) from error


def _edition(row: Row | None) -> str:
    if row is None or len(row.fields) < 2 or collapse(row.fields[0]).lower() != "last updated":
        raise RefusedFile(
            "missing_header",
            f"Line 1 should read “Last Updated” and a day, as {WANTED} does. Download the official file again.",
            line=1,
        )
    printed = row.fields[1].strip()
    day = _iso_day(printed)
    if not day:
        raise RefusedFile(
            "missing_header",
            f"Line 1 gives the day of the list as “{shown(printed)}”, not as day/month/year. Download it again.",
            line=1,
        )
    return day


def _header(row: Row | None) -> list[str]:
    if row is None or row.error:
        raise RefusedFile(
            "missing_header", f"Line 2 should be the column names of {WANTED}. Download it again.", line=2
        )
    header = [collapse(name) for name in row.fields]
    while header and not header[-1]:
        header.pop()
    lacking = sorted(name for name in _COLUMNS if name not in header)
    extra = [name for name in dict.fromkeys(header) if name not in _COLUMNS and name not in _OPTIONAL]
    repeated = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    faults = [
        f"{word} {', '.join(shown(name) for name in names[:12])}"
        for word, names in (("they lack", lacking), ("they have unknown", extra), ("they repeat", repeated))
        if names
    ]
    if faults:
        raise RefusedFile(
            "wrong_header",
            f"The column names in line {row.line} are not those of {WANTED}: {'; '.join(faults)}. "
            "Download the official file again; if its layout has changed, the parser must be changed first.",
            line=row.line,
        )
    return header


@dataclass
class _Group:
    """The rows of one Group ID, with the line of each, in file order."""

    number: str
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def values(self, column: str) -> list[str]:
        """The distinct texts of a column, in file order, empty ones left out."""
        texts = (collapse(cells.get(column, "")) for _, cells in self.rows)
        return list(dict.fromkeys(text for text in texts if text))


@dataclass
class _Reading:
    """The state of reading one file."""

    found: Findings
    edition: str
    header: list[str]
    groups: dict[str, _Group] = field(default_factory=dict)
    row_count: int = 0

    def read(self, row: Row) -> None:
        """Put a row to its group, or report it as unreadable."""
        if row.unclosed:
            raise RefusedFile(
                "cut_off",
                f"The file is cut off: a quote in the row that begins at line {row.line} is never closed. "
                "Download it again.",
                line=row.line,
            )
        self.row_count += 1
        fields = row.fields
        while len(fields) > len(self.header) and not fields[-1].strip():
            fields = fields[:-1]
        if row.error:
            self._unreadable(row, "broken_quotes", f"cannot be split into fields ({row.error}). Correct its quotes")
        elif len(fields) != len(self.header):
            self._unreadable(
                row,
                "wrong_field_count",
                f"has {len(fields)} fields where {len(self.header)} are expected. Correct its commas and quotes, "
                "or download the file again",
            )
        else:
            self._put(row, dict(zip(self.header, fields, strict=True)))

    def _put(self, row: Row, cells: dict[str, str]) -> None:
        number = collapse(cells["Group ID"])
        if not number:
            self._unreadable(row, "no_group", "has no Group ID, so it belongs to no party. Look it up on the list")
        elif not _name(cells) and not collapse(cells.get("Name Non-Latin Script", "")):
            self._unreadable(row, "no_name", "has no name. Look the party up on the official list")
        else:
            self.groups.setdefault(number, _Group(number)).rows.append((row.line, cells))

    def _unreadable(self, row: Row, code: str, what: str) -> None:
        self.found.unreadable(row.line, code, what)

    def finish(self, last: Row | None, *, ends_with_line_break: bool) -> ParsedList:
        """The list, one entry for each group, in the order in which the groups begin."""
        if last is None or not self.row_count:
            raise RefusedFile("no_rows", "The file has the column names and no row. Download it again.", line=2)
        if not ends_with_line_break and not last.error and len(last.fields) < len(self.header):
            raise RefusedFile(
                "cut_off",
                f"The file is cut off: its last row, at line {last.line}, has {len(last.fields)} of {len(self.header)} "
                "fields. Download it again.",
                line=last.line,
            )
        for group in self.groups.values():
            marks: dict[str, str] = {}
            if not ends_with_line_break and group.rows[-1][0] == last.line:
                marks["no_final_line_break"] = (
                    f"has a row in line {last.line}, the last, which ends without a line break; its end may be missing"
                )
            self.found.add(group.rows[0][0], _entry(group, marks), marks)
        counts = f"{self.row_count:,} rows, {len(self.groups):,} parties"
        return self.found.result(edition=self.edition, notes=(("rows", counts),))


def _entry(group: _Group, marks: dict[str, str]) -> ListedEntry:
    primary = _primary(group, marks)
    name = _name(primary) or collapse(primary.get("Name Non-Latin Script", ""))
    aliases, weak_aliases = _aliases(group, name, marks)
    entry = ListedEntry(
        list_code=LIST_CODE,
        name=name,
        aliases=aliases,
        weak_aliases=weak_aliases,
        kind=_kind(group, marks),
        entity_number=group.number,
        programs=tuple(group.values("Regime")),
        title="; ".join(_split_all(group, "Title") + _split_all(group, "Position")),
        addresses=_addresses(group, marks),
        start_date=_start(group, marks),
        start_date_raw="; ".join(group.values("Listed On")),
        nationalities=tuple(_split_all(group, "Nationality")),
        dates_of_birth=tuple(dict.fromkeys(_birth(text, marks) for text in group.values("DOB"))),
        places_of_birth=tuple(_birth_places(group)),
        identifiers=tuple(_identifiers(group)),
        remarks="\n".join(group.values("Other Information") + _listings(group)),
    )
    texts = {
        "name": entry.name,
        "aliases": "\n".join(entry.aliases + entry.weak_aliases),
        "addresses": "\n".join(address.text for address in entry.addresses),
        "remarks": entry.remarks,
        "title": entry.title,
    }
    mark_letters(texts, marks, watched=("name", "aliases", "addresses"))
    return entry


# Names


def _name(cells: dict[str, str]) -> str:
    return " ".join(part for column in _NAME_COLUMNS if (part := collapse(cells[column])))


def _primary(group: _Group, marks: dict[str, str]) -> dict[str, str]:
    """The row whose name leads the entry: the first primary one, else the first of all, marked."""
    primaries = [cells for _, cells in group.rows if _alias_type(cells) in _PRIMARY]
    named = [cells for cells in primaries if _name(cells)]
    if not primaries:
        marks["no_primary_name"] = "has no row with a primary name; the name of its first row leads"
    if len({_name(cells) for cells in named}) > 1:
        marks["several_primary_names"] = "has several primary names; the first leads, the others are aliases"
    return (named or primaries or [cells for _, cells in group.rows])[0]


def _aliases(group: _Group, name: str, marks: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    strong: list[str] = []
    weak: list[str] = []
    for _, cells in group.rows:
        kind, quality = _alias_type(cells), collapse(cells.get("Alias Quality", "")).lower().rstrip(".")
        if kind not in _PRIMARY and kind not in _OTHER_NAMES:
            marks["unknown_alias_type"] = f"has a name of the unknown type “{shown(kind)}”; it is screened on"
        if quality not in _STRONG and quality not in _WEAK:
            marks["unknown_alias_quality"] = f"has a name of the unknown quality “{shown(quality)}”; it is screened on"
        names = (_name(cells), collapse(cells.get("Name Non-Latin Script", "")))
        (weak if quality in _WEAK and kind not in _PRIMARY else strong).extend(text for text in names if text)
    strong = [alias for alias in dict.fromkeys(strong) if alias != name]
    return tuple(strong), tuple(alias for alias in dict.fromkeys(weak) if alias != name and alias not in strong)


def _alias_type(cells: dict[str, str]) -> str:
    return collapse(cells["Alias Type"]).lower()


# Other facts


def _kind(group: _Group, marks: dict[str, str]) -> str:
    types = group.values("Group Type")
    kinds = {_KINDS.get(text.lower(), "") for text in types}
    if len(kinds) == 1 and "" not in kinds:
        return kinds.pop()
    marks["unknown_type"] = f"has the type “{shown('; '.join(types))}”, which is unknown; it is kept without one"
    return "unknown"


def _addresses(group: _Group, marks: dict[str, str]) -> tuple[ListedAddress, ...]:
    addresses: dict[ListedAddress, None] = {}
    for _, cells in group.rows:
        text = ", ".join(part for column in _ADDRESS_COLUMNS if (part := collapse(cells[column])))
        country = collapse(cells["Country"])
        # Without a country cell, an address that is nothing but a country, or ends in a name that is no other place.
        code = country_code(country or text) or ("" if country else country_of(text))
        if country and not code:
            marks["unknown_country"] = f"has an address in “{shown(country)}”, which names no country; it has no code"
        if text:
            addresses[ListedAddress(text, code)] = None
    return tuple(addresses)


def _birth(text: str, marks: dict[str, str]) -> str:
    """ "01/08/1979" as 1979-08-01, "00/00/1979" as 1979, "00/08/1979" as 1979-08; else as printed, marked."""
    parts = _DAY.match(text)
    if parts and int(parts[3]) >= EARLIEST_YEAR - 100:
        if parts[1] == "00" and parts[2] == "00":
            return parts[3]
        if parts[1] == "00" and 1 <= int(parts[2]) <= 12:
            return f"{parts[3]}-{parts[2]}"
        if _iso_day(text):
            return _iso_day(text)
    marks["impossible_date"] = f"gives the date of birth “{shown(text)}”, which cannot be; it is kept as printed"
    return text


def _birth_places(group: _Group) -> list[str]:
    """Towns and countries as printed together in a row; a numbered list of towns stays with its countries."""
    pairs = ((collapse(cells["Town of Birth"]), collapse(cells["Country of Birth"])) for _, cells in group.rows)
    return list(dict.fromkeys(", ".join(part for part in pair if part) for pair in pairs if any(pair)))


def _identifiers(group: _Group) -> list[str]:
    """Each document as the CSL prints it: number, then type; details of the newer layout stand in parentheses."""
    pairs = (
        ("Passport Number", "Passport Details", "Passport"),
        ("National Identification Number", "National Identification Details", "National ID No."),
        ("NI Number", "", "National ID No."),
    )
    identifiers: list[str] = []
    for number_column, details_column, kind in pairs:
        for _, cells in group.rows:
            number, details = collapse(cells.get(number_column, "")), collapse(cells.get(details_column, ""))
            if number and details:
                identifiers.append(f"{number} ({details}), {kind}")
            else:
                identifiers += [f"{part}, {kind}" for part in split_numbered(number or details)]
    return list(dict.fromkeys(identifiers))


def _start(group: _Group, marks: dict[str, str]) -> str:
    """The first day on which any of its regimes listed the party."""
    days = []
    for text in group.values("Listed On"):
        day = _iso_day(text)
        if day:
            days.append(day)
        else:
            marks["impossible_date"] = f"gives the day of listing “{shown(text)}”, which cannot be; it is unknown"
    if not group.values("Listed On"):
        marks["missing_date"] = "has no day of listing; it is kept as unknown"
    return min(days, default="")


def _listings(group: _Group) -> list[str]:
    """For a party listed more than once: each regime with its day, as printed."""
    pairs = dict.fromkeys((collapse(cells["Regime"]), collapse(cells["Listed On"])) for _, cells in group.rows)
    return [f"Listed under {regime} on {day}." for regime, day in pairs] if len(pairs) > 1 else []


def _split_all(group: _Group, column: str) -> list[str]:
    return list(dict.fromkeys(part for text in group.values(column) for part in split_numbered(text)))


def split_numbered(text: str) -> list[str]:
    """ "(1) Tiaret (2) Maskara" and "a) Libya b) Mali" as their parts; any other text as one part."""
    start = _NUMBERED.match(text)
    if not start:
        return [text] if text else []
    sign = _SIGNS[start["first"]]
    parts, at, number = [], start.end(), 2
    while number <= 99:
        following = re.search(rf"(?:^|[\s,;]){re.escape('(') if text[0] == '(' else ''}{sign(number)}\)\s*", text[at:])
        if not following:
            break
        parts.append(text[at : at + following.start()])
        at += following.end()
        number += 1
    parts.append(text[at:])
    return [part for part in (part.strip(" ,;") for part in parts) if part]


def _roman(number: int) -> str:
    numerals = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
    return numerals[number - 1] if number <= len(numerals) else "-"


# How the second, third and further items of a numbered list are counted, by the sign of the first.
_SIGNS: dict[str, Callable[[int], str]] = {
    "1": str,
    "a": lambda number: chr(ord("a") + number - 1) if number <= 26 else "-",
    "i": _roman,
}


def _iso_day(text: str) -> str:
    parts = _DAY.match(text.strip())
    try:
        found = date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else None
    except ValueError:
        return ""
    return found.isoformat() if found and found.year >= EARLIEST_YEAR else ""
