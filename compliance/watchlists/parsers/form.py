"""The CSV form of our own, for lists that no agency publishes as a file: one row for one party.

It carries the UFLPA Entity List, the list under section 1260H, the names of section 889, "is informed" letters
and the company's own watch list. People fill it in, so reading is strict: a cell that cannot be read leaves its
row out and says why; only a file whose columns are not those of the form is refused whole. Comma and semicolon
separate columns alike, as Excel writes the one or the other by country; values within a cell are separated by
semicolons.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field, replace
from datetime import date

from .base import FORM_LISTS, KINDS, ListedAddress, ListedEntry, ParsedList, RefusedFile
from .countries import COUNTRY_CODES
from .country_names import country_code
from .rows import EARLIEST_YEAR, Findings, Row, csv_rows, mark_letters, shown
from .text import collapse, decode

WANTED = "the CSV form of the product"

# What an entry may mean, as codes; empty means the effect that its list has.
EFFECT_CODES = (
    "license_required",
    "prohibited",
    "statement_required",
    "procurement_ban",
    "securities_limit",
    "import_presumption",
    "warning",
)

COLUMN_HELP: dict[str, str] = {
    "list": "Required. The code of the list: UFLPA (Uyghur Forced Labor Prevention Act Entity List), 1260H (Chinese "
    "military companies), 889 (telecommunications and video equipment), INF (“is informed” letter) or OWN (own watch "
    "list).",
    "name": "Required. The party's name as the source prints it; one party in a row.",
    "aliases": "Other names, separated by semicolons.",
    "addresses": "Addresses, separated by semicolons; each may end with its country code in parentheses, as in "
    "“12 Harbor Road, Shenzhen (CN)”.",
    "country": "The country of the addresses that do not end with a code: two letters of ISO 3166 such as CN, or the "
    "English name. Without addresses, several countries may be given, separated by semicolons.",
    "kind": f"What the party is: one of {', '.join(KINDS)}. Empty means unknown.",
    "identifiers": "Register, tax or document numbers, separated by semicolons, each with its kind after a comma, as "
    "in “91330000123456789X, USCC”.",
    "effect": f"What the entry means, if not what its list means: one of {', '.join(EFFECT_CODES)}. Empty means the "
    "effect of the list.",
    "license_requirement": "The license requirement in the words of the source.",
    "license_policy": "The license review policy in the words of the source.",
    "citation": "The citation of the notice or letter, such as “87 FR 47921”.",
    "start_date": "The day from which the entry binds, as year-month-day such as 2024-07-10. Empty means unknown.",
    "end_date": "The last day on which the entry binds, as year-month-day. Empty means that no end is known.",
    "remarks": "Anything else the screening officer should read.",
    "source": "Required. Where the entry comes from: the notice, the letter or the person who decided it.",
    "source_date": "Required. The day of the source, as year-month-day such as 2024-07-10.",
    "source_url": "The address of the source on the web, beginning with https:// or http://.",
}
COLUMNS = tuple(COLUMN_HELP)
REQUIRED_COLUMNS = ("list", "name", "source", "source_date")
EXAMPLE_PREFIX = "EXAMPLE "

_SEPARATOR = re.compile(r"\s*;\s*")
_CODE_IN_PARENTHESES = re.compile(r"\(([A-Z]{2})\)$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of a filled-in form. Raises RefusedFile when they are not that form."""
    text = decode(data, WANTED)
    if text.lstrip().startswith(("{", "[", "<")):
        raise RefusedFile(
            "not_csv", f"The file is JSON, XML or HTML, not {WANTED} (line 1). Fill in the template.", line=1
        )
    rows = csv_rows(text, _delimiter(text))
    header_row = next((row for row in rows if row.fields or row.error), None)
    reading = _Reading(_header(header_row))
    for row in rows:
        if row.error or any(cell.strip() for cell in row.fields):
            reading.read(row)
    if not reading.row_count:
        raise RefusedFile("no_rows", "The file has the column names and no row. Fill in at least one party.", line=1)
    found = reading.found.result()
    if not found.entries and all(problem.code == "example_row" for problem in found.problems):
        raise RefusedFile(
            "no_rows", "The file has the example rows of the template and no party. Put your own rows in their place.",
            line=2,
        )  # fmt: skip
    return found


def template() -> bytes:
    """The form to download: the columns and one made-up party for each list, which the parser does not load.

    UTF-8 with a byte order mark, for Excel reads other scripts right only with it.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**row, "name": EXAMPLE_PREFIX + row["name"]} for row in _EXAMPLES)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


_EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "list": "UFLPA",
        "name": "Quillmere Cotton Works",
        "aliases": "Quillmere Textile; QCW",
        "addresses": "1 Sample Street, Sampletown (CN)",
        "kind": "organization",
        "citation": "87 FR 0",
        "start_date": "2022-06-21",
        "source": "Federal Register notice of the task force",
        "source_date": "2022-06-21",
        "source_url": "https://www.example.com/notice",
    },
    {
        "list": "1260H",
        "name": "Tarnwick Avionics Group",
        "country": "CN",
        "kind": "organization",
        "source": "List of the Department of Defense",
        "source_date": "2024-01-31",
    },
    {
        "list": "889",
        "name": "Ospreyfield Video Systems",
        "aliases": "Ospreyfield",
        "country": "CN",
        "kind": "organization",
        "effect": "procurement_ban",
        "source": "Section 889(f)(3), FY2019 NDAA",
        "source_date": "2018-08-13",
    },
    {
        "list": "INF",
        "name": "Dunmarrow Trading LLC",
        "addresses": "Office 7, Sample Tower, Sample City (AE); Warehouse 2, Sample Port (AE)",
        "kind": "organization",
        "effect": "license_required",
        "license_requirement": "All items named in the letter",
        "start_date": "2024-07-10",
        "source": "Letter to the company, case 0000",
        "source_date": "2024-07-10",
    },
    {
        "list": "OWN",
        "name": "Jane Placeholder",
        "country": "TR",
        "kind": "person",
        "identifiers": "X0000000, Passport",
        "effect": "warning",
        "remarks": "Asked twice for delivery to a hotel.",
        "source": "Decision of the compliance manager",
        "source_date": "2024-07-10",
    },
)


def _delimiter(text: str) -> str:
    """The sign between the columns: what the first line that holds anything has more of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return ";" if first.count(";") > first.count(",") else ","


def _header(row: Row | None) -> list[str]:
    if row is None or row.error:
        raise RefusedFile(
            "wrong_header",
            f"Line 1 should be the column names of {WANTED}, but cannot be read. Use the template.",
            line=1,
        )
    header = [collapse(name).lower() for name in row.fields]
    while header and not header[-1]:
        header.pop()
    lacking = [name for name in REQUIRED_COLUMNS if name not in header]
    unknown = [name for name in dict.fromkeys(header) if name not in COLUMN_HELP]
    repeated = [name for name in COLUMNS if header.count(name) > 1]
    faults = [
        f"{word} {', '.join(f'“{shown(name)}”' for name in names[:12])}"
        for word, names in (("lacks", lacking), ("has the unknown", unknown), ("repeats", repeated))
        if names
    ]
    if faults:
        raise RefusedFile(
            "wrong_header",
            f"Line {row.line} is not the column names of {WANTED}: it {'; it '.join(faults)}. "
            f"The columns are: {', '.join(COLUMNS)}.",
            line=row.line,
        )
    return header


class _CellError(ValueError):
    """A cell that cannot be read: its code, and what continues "Line 5 ..." with the cure."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what


@dataclass
class _Reading:
    """The state of reading one file."""

    header: list[str]
    found: Findings = field(default_factory=lambda: Findings(WANTED))
    line_of_entry: dict[ListedEntry, int] = field(default_factory=dict)
    row_count: int = 0

    def read(self, row: Row) -> None:
        """Load one row, or report why it cannot be."""
        self.row_count += 1
        if row.unclosed:
            raise RefusedFile(
                "cut_off",
                f"The file is cut off: a quote in the row that begins at line {row.line} is never closed. "
                "Close it, or save the file again.",
                line=row.line,
            )
        try:
            self._load(row)
        except _CellError as error:
            self.found.unreadable(row.line, error.code, error.what)

    def _load(self, row: Row) -> None:
        entry = _entry(self._cells(row))
        first = self.line_of_entry.setdefault(entry, row.line)
        if first != row.line:
            raise _CellError("repeated_row", f"repeats line {first}. Delete one of them")
        marks: dict[str, str] = {}
        texts = {
            "name": entry.name,
            "aliases": "\n".join(entry.aliases),
            "addresses": "\n".join(address.text for address in entry.addresses),
            "remarks": "\n".join((entry.remarks, entry.license_requirement, entry.license_policy, entry.citation)),
        }
        mark_letters(texts, marks, watched=("name", "aliases", "addresses"))
        self.found.add(row.line, entry, marks)

    def _cells(self, row: Row) -> dict[str, str]:
        fields = row.fields
        while len(fields) > len(self.header) and not fields[-1].strip():
            fields = fields[:-1]
        if row.error:
            raise _CellError("broken_quotes", f"cannot be split into fields ({row.error}). Correct its quotes")
        if len(fields) != len(self.header):
            raise _CellError(
                "wrong_field_count",
                f"has {len(fields)} fields where {len(self.header)} are expected. Put a cell that holds the "
                "separating sign in quotes",
            )
        return dict.fromkeys(COLUMNS, "") | dict(zip(self.header, (cell.strip() for cell in fields), strict=True))


def _entry(cells: dict[str, str]) -> ListedEntry:
    name = collapse(cells["name"])
    if name.startswith(EXAMPLE_PREFIX) or name == EXAMPLE_PREFIX.strip():
        raise _CellError("example_row", "is an example of the template. Delete the example rows")
    for column in REQUIRED_COLUMNS:
        if not cells[column]:
            raise _CellError("missing_value", f"has no “{column}”. Fill it in")
    start, end = _day(cells, "start_date"), _day(cells, "end_date")
    if start and end and end < start:
        raise _CellError("impossible_date", "ends before it starts. Correct “start_date” or “end_date”")
    entry = ListedEntry(
        list_code=_one_of(cells, "list", FORM_LISTS),
        name=name,
        aliases=tuple(alias for alias in _values(cells["aliases"]) if alias != name),
        addresses=_addresses(cells),
        kind=_one_of(cells, "kind", KINDS) or "unknown",
        identifiers=_values(cells["identifiers"]),
        effect=_one_of(cells, "effect", EFFECT_CODES),
        license_requirement=cells["license_requirement"],
        license_policy=cells["license_policy"],
        citation=cells["citation"],
        start_date=start,
        start_date_raw=start,
        end_date=end,
        end_date_raw=end,
        source_list_url=_url(cells["source_url"]),
    )
    source = f"Source: {collapse(cells['source'])}, {_day(cells, 'source_date')}."
    return replace(entry, remarks="\n".join(part for part in (cells["remarks"], source) if part))


def _values(cell: str) -> tuple[str, ...]:
    parts = (collapse(part) for part in _SEPARATOR.split(cell))
    return tuple(dict.fromkeys(part for part in parts if part))


def _one_of(cells: dict[str, str], column: str, allowed: tuple[str, ...]) -> str:
    """The code in a cell, in any case; "" when the cell is empty."""
    given = cells[column]
    if not given:
        return ""
    for code in allowed:
        if given.casefold() == code.casefold():
            return code
    raise _CellError("unknown_code", f"has “{shown(given)}” in “{column}”. Use one of {', '.join(allowed)}")


def _day(cells: dict[str, str], column: str) -> str:
    given = cells[column]
    if not given:
        return ""
    try:
        if _DAY.match(given) and date.fromisoformat(given).year >= EARLIEST_YEAR:
            return given
    except ValueError:
        pass
    raise _CellError(
        "impossible_date",
        f"has “{shown(given)}” in “{column}”, which is no day in the form year-month-day. Write it as 2024-07-10",
    )


def _addresses(cells: dict[str, str]) -> tuple[ListedAddress, ...]:
    countries = [_country(country) for country in _values(cells["country"])]
    texts = _values(cells["addresses"])
    if not texts:
        return tuple(dict.fromkeys(ListedAddress(country, country) for country in countries))
    return tuple(dict.fromkeys(_address(text, countries) for text in texts))


def _address(text: str, countries: list[str]) -> ListedAddress:
    found = _CODE_IN_PARENTHESES.search(text)
    if found:
        code = found[1]
        if code not in COUNTRY_CODES:
            raise _CellError(
                "unknown_country",
                f"has an address that ends with “({code})”, which is no country code. Use the two letters of "
                "ISO 3166, such as (CN)",
            )
        return ListedAddress(text[: found.start()].rstrip(" ,") or code, code)
    if len(countries) > 1:
        raise _CellError(
            "unknown_country",
            f"gives {len(countries)} countries, and the address “{shown(text)}” does not say in which it is. End each "
            "address with its country code in parentheses",
        )
    return ListedAddress(text, countries[0] if countries else "")


def _country(given: str) -> str:
    code = country_code(given)
    if not code:
        raise _CellError(
            "unknown_country",
            f"has “{shown(given)}” in “country”, which is no country. Use the two letters of ISO 3166, such as CN",
        )
    return code


def _url(given: str) -> str:
    if given and (not given.lower().startswith(("https://", "http://")) or collapse(given) != given or " " in given):
        raise _CellError(
            "bad_url", f"has “{shown(given)}” in “source_url”. Begin it with https:// and leave out spaces"
        )
    return given
