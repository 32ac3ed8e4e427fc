"""The Denied Persons List of BIS: the official tab-separated text.

The orders are those of 15 CFR 764.3(a)(2); Supplement No. 1 to part 764 has the terms of a standard one.

One row gives one address, so a person with several stands in several rows. Rows that agree in name, dates,
standard order and the notice cited first, which is that of the order itself, are one entry with several
addresses; rows that differ in one of them are separate entries. Later notices (renewals) are typed anew into
each row, with slips ("83F.R.", one left out); to tell entries apart by them would make a new party of each slip.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date

from .base import ListedAddress, ListedEntry, ParsedList, RefusedFile
from .countries import CODE_OF_PRINTED_NAME, COUNTRY_CODES
from .rows import EARLIEST_YEAR, Findings, Row, csv_rows, mark_letters, shown
from .text import collapse, decode

WANTED = "the Denied Persons List as tab-separated text"
COLUMNS = (
    "Name",
    "Street_Address",
    "City",
    "State",
    "Country",
    "Postal_Code",
    "Effective_Date",
    "Expiration_Date",
    "Standard_Order",
    "Last_Update",
    "Action",
    "FR_Citation",
)

_US_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_ISO_DATE = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
# "82 F.R. 48792 10/20/2017", "85.F.R. 1, 1/2/20", "82 F.R. 16788, 16789 4/6/2017", "83F.R. 28801 6/21/2018".
_CITATION = re.compile(
    r"(?<![/\d])(\d{1,3})\s*\.?\s*F\.?\s?R\.?\s*(\d{1,6})\b(?!/)(?:,\s*\d{2,6}\b(?!/))?"
    r",?\s*(?:(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})\b)?"
)
_NOTICE = re.compile(r"F\.?\s?R\.?\s*\d", re.IGNORECASE)
_STATES = """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
    RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP
"""
_US_STATES = frozenset(_STATES.split())
# Some ZIP codes have lost their leading zero ("3801" in New Hampshire) or have one too many ("031016").
_ZIP_CODE = re.compile(r"^\d{4,6}(-\d{4})?$")
# Two-digit years from here on are of the last century: the oldest citation is 46 F.R. of 1981.
_FIRST_SHORT_YEAR = 36


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of a Denied Persons List. Raises RefusedFile when they are not a whole one."""
    text = decode(data, WANTED)
    rows = (row for row in csv_rows(text, delimiter="\t") if row.fields or row.error)
    header_row = next(rows, None)
    if header_row is None:
        raise RefusedFile("empty", f"The file is empty; {WANTED} was expected. Download it again.")
    header = _header(header_row)
    found = Findings(WANTED)
    persons: dict[tuple[str, ...], list[tuple[int, dict[str, str]]]] = defaultdict(list)
    last: Row | None = None
    for row in rows:
        last = row
        cells = _cells(row, header, found)
        if cells is not None:
            persons[_person(cells)].append((row.line, cells))
    if last is None:
        raise RefusedFile("no_rows", "The file has the column names and no row. Download it again.", line=1)
    if not last.error and len(last.fields) < len(COLUMNS):
        raise RefusedFile(
            "cut_off",
            f"The file is cut off: its last row, at line {last.line}, has {len(last.fields)} of {len(COLUMNS)} columns."
            " Download it again.",
            line=last.line,
        )
    unended = 0 if text.endswith(("\n", "\r")) else last.line
    for rows_of_one in persons.values():
        _load(rows_of_one, found, unended)
    return found.result()


def _header(row: Row) -> list[str]:
    names = [collapse(name) for name in row.fields]
    lacking = [name for name in COLUMNS if name not in names]
    extra = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    repeated = [name for name in COLUMNS if names.count(name) > 1]
    if not (lacking or extra or repeated or row.error):
        return names
    if row.error or len(lacking) > len(COLUMNS) // 2:
        raise RefusedFile(
            "missing_header",
            f"Line {row.line} is not the column names of {WANTED}: it begins “{shown(' '.join(row.fields))}”. "
            f"The file must begin with {', '.join(COLUMNS)}, separated by tabs.",
            line=row.line,
        )
    faults = [
        f"{word} {', '.join(shown(name) or 'a nameless one' for name in columns[:12])}"
        for word, columns in (("it lacks", lacking), ("it has unknown", extra), ("it repeats", repeated))
        if columns
    ]
    raise RefusedFile(
        "wrong_header",
        f"The column names in line {row.line} are not those of {WANTED}: {'; '.join(faults)}. "
        "Download the official file again; if its layout has changed, the parser must be changed first.",
        line=row.line,
    )


def _cells(row: Row, header: list[str], found: Findings) -> dict[str, str] | None:
    """The cells of a row by column, or None when the row can't be loaded, which is then reported."""
    if row.unclosed:
        raise RefusedFile(
            "cut_off",
            f"The file is cut off: a quote in the row that begins at line {row.line} is never closed. "
            "Download it again.",
            line=row.line,
        )
    if row.error:
        found.unreadable(row.line, "broken_quotes", f"cannot be split into columns ({row.error}). Correct its quotes")
    elif [collapse(name) for name in row.fields] == header:
        found.unreadable(
            row.line,
            "repeated_header",
            "repeats the column names. Two files may have been joined: take the line out",
        )
    elif len(row.fields) != len(header):
        found.unreadable(
            row.line,
            "wrong_field_count",
            f"has {len(row.fields)} columns where {len(header)} are expected. Correct its tabs and quotes, or "
            "download the file again",
        )
    elif not any(map(str.strip, row.fields)):
        found.unreadable(row.line, "empty_row", "has empty columns only. Take the line out")
    else:
        cells = dict(zip(header, row.fields, strict=True))
        if collapse(cells["Name"]):
            return cells
        found.unreadable(row.line, "no_name", "has no name. Look the entry up on the official list and correct it")
    return None


def _person(cells: dict[str, str]) -> tuple[str, ...]:
    """What tells one entry from another: name, dates, standard order and first notice, spacing and case aside."""
    texts = (cells[name] for name in ("Name", "Effective_Date", "Expiration_Date", "Standard_Order"))
    citation = collapse(cells["FR_Citation"])
    notice = _CITATION.search(citation)
    first = f"{int(notice[1])} FR {int(notice[2])}" if notice else citation
    return (*(collapse(text).casefold() for text in texts), first)


def _load(rows: list[tuple[int, dict[str, str]]], found: Findings, unended: int) -> None:
    """One entry from the rows of one person. `unended`: the line that ends without a line break, or 0."""
    line, first = rows[0]
    marks: dict[str, str] = {}
    addresses = _addresses(rows, marks)
    if unended in (at for at, _ in rows):
        marks["no_final_line_break"] = (
            f"ends the file at line {unended} without a line break, so the end of its last column may be missing; "
            "compare it with the official list"
        )
    start = _date(first["Effective_Date"], "effective", marks)
    end = _date(first["Expiration_Date"], "expiration", marks)
    if start and end and end < start:
        marks["expiry_before_effect"] = f"expires on {end}, before it takes effect on {start}; read the official order"
    if not first["Effective_Date"].strip():
        marks["missing_date"] = "has no effective date; it is kept as unknown"
    standard = first["Standard_Order"].strip()
    if standard.upper() not in ("Y", "N"):
        marks["unknown_standard_order"] = (
            f"has {f'“{shown(standard)}”' if standard else 'nothing'} where Y or N says whether the order is the "
            "standard one; read the order"
        )
    _mark_texts(rows, marks)
    found.add(
        line,
        ListedEntry(
            list_code="DPL",
            name=collapse(first["Name"]),
            addresses=addresses,
            kind="unknown",
            citation=first["FR_Citation"].strip(),
            citations=_citations(rows, marks),
            start_date=start,
            end_date=end,
            start_date_raw=first["Effective_Date"].strip(),
            end_date_raw=first["Expiration_Date"].strip(),
            standard_order=standard,
            remarks="; ".join(dict.fromkeys(action for _, cells in rows if (action := collapse(cells["Action"])))),
        ),
        marks,
    )


def _addresses(rows: list[tuple[int, dict[str, str]]], marks: dict[str, str]) -> tuple[ListedAddress, ...]:
    """The address of each row, each once. Faults are marked with the lines of the rows that have them."""
    found: dict[ListedAddress, int] = {}
    faults: dict[str, list[str]] = defaultdict(list)
    for line, cells in rows:
        address = _address(cells)
        country = collapse(cells["Country"])
        if not address.text:
            faults["missing_address"].append(f"line {line}")
        elif address in found:
            faults["repeated_row"].append(f"line {line}, as line {found[address]}")
        elif country and not address.country:
            faults["unknown_country"].append(f"“{shown(country)}” in line {line}")
        elif not address.country:
            faults["missing_country"].append(f"line {line}")
        found.setdefault(address, line)
    for code, places in faults.items():
        marks[code] = _ADDRESS_FAULTS[code].format("; ".join(places))
    return tuple(address for address in found if address.text)


_ADDRESS_FAULTS = {
    "missing_address": "gives no address ({})",
    "repeated_row": "is repeated with the same address ({}); the address is kept once",
    "unknown_country": "gives a country that is no country code ({}); it is kept without one",
    "missing_country": "gives an address without a country ({}); it is kept without one",
}


def _address(cells: dict[str, str]) -> ListedAddress:
    street, city, state, country, postal = (
        collapse(cells[name]) for name in ("Street_Address", "City", "State", "Country", "Postal_Code")
    )
    text = ", ".join(part for part in (street, city, f"{state} {postal}".strip(), country) if part)
    code = country if country in COUNTRY_CODES else CODE_OF_PRINTED_NAME.get(country.lower(), "")
    if not country and state in _US_STATES and _ZIP_CODE.match(postal):
        # BIS leaves the country out of most addresses in the United States since about 2017.
        code = "US"
    return ListedAddress(text, code)


def _date(cell: str, which: str, marks: dict[str, str]) -> str:
    raw = cell.strip()
    if not raw:
        return ""
    us, iso = _US_DATE.match(raw), _ISO_DATE.match(raw)
    year, month, day = (us[3], us[1], us[2]) if us else (iso[1], iso[2], iso[3]) if iso else ("0", "0", "0")
    found = _day(int(year), int(month), int(day))
    if not found:
        marks["impossible_date"] = f"gives the {which} date “{shown(raw)}”, which cannot be; it is kept as unknown"
    return found


def _day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat() if year >= EARLIEST_YEAR else ""
    except ValueError:
        return ""


def _citations(rows: list[tuple[int, dict[str, str]]], marks: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The citations of all rows of an entry, each notice once; rows that cite others than the first are marked."""
    read = [(line, citations_of(collapse(cells["FR_Citation"]), marks)) for line, cells in rows]
    notices = {name for name, _ in read[0][1]}
    others = [f"line {line}" for line, citations in read if {name for name, _ in citations} != notices]
    if others:
        marks["citations_differ"] = (
            f"has rows for other addresses that cite other notices ({', '.join(others)}); the citation of line "
            f"{rows[0][0]} is shown, and all notices are kept"
        )
    found: dict[str, str] = {}
    for _, citations in read:
        for name, when in citations:
            found[name] = found.get(name) or when
    return tuple(found.items())


def citations_of(text: str, marks: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Every Federal Register citation in a text, as ("84 FR 12345", ISO date or ""), each page once, as printed.

    Marks a text that cites nothing, a page without its volume, and a date that cannot be.
    """
    found: dict[str, str] = {}
    for match in _CITATION.finditer(text):
        volume, page, month, day, year = match.groups()
        when = ""
        if year:
            full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= _FIRST_SHORT_YEAR else 2000)
            when = _day(full, int(month), int(day))
            if not when:
                marks["impossible_citation_date"] = (
                    f"cites {volume} F.R. {page} with a date that cannot be ({month}/{day}/{year}); "
                    "it is kept as unknown"
                )
        name = f"{int(volume)} FR {int(page)}"
        found[name] = found.get(name) or when
    if not text:
        marks["missing_citation"] = "cites no Federal Register notice"
    elif len(_NOTICE.findall(text)) > len(_CITATION.findall(text)) or not found:
        marks["unread_citation"] = f"has a citation that cannot be read whole (“{shown(text)}”); it is kept as printed"
    return tuple(found.items())


def _mark_texts(rows: list[tuple[int, dict[str, str]]], marks: dict[str, str]) -> None:
    texts = {
        name: "\n".join(cells[name] for _, cells in rows)
        for name in ("Name", "Street_Address", "City", "Action", "FR_Citation")
    }
    mark_letters(texts, marks, watched=("Name", "Street_Address", "City"))
    broken = [
        name for name in COLUMNS if any("\n" in cells[name].strip() or "\r" in cells[name].strip() for _, cells in rows)
    ]
    if broken:
        marks["line_break"] = f"breaks its line within a column ({', '.join(broken)}); it is read as a space"
