"""One record of the Consolidated Screening List, as CSV cells, made into a listed entry.

What the official file is known to damage (letters lost to "?", impossible dates, a stray "and" before the
last alias) is loaded and marked. The CSV and the JSON layout both come through here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from .base import CSL_LISTS, OFAC_LISTS, ListedAddress, ListedEntry
from .countries import CODE_OF_PRINTED_NAME, COUNTRY_CODES
from .rows import EARLIEST_YEAR, Findings, mark_letters, shown
from .text import collapse

OFFICIAL_HEADER = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,gross_registered_tonnage,"
    "vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,dates_of_birth,nationalities,"
    "places_of_birth,source_information_url,ids"
)
COLUMNS = tuple(OFFICIAL_HEADER.split(","))
OPTIONAL_COLUMNS = frozenset({"_id"})
VESSEL_COLUMNS = COLUMNS[COLUMNS.index("call_sign") : COLUMNS.index("remarks")]

_KINDS = {"individual": "person", "entity": "organization", "vessel": "vessel", "aircraft": "aircraft", "": "unknown"}

# The code that stands in parentheses in `source`, where it is not ours already.
_CODES_IN_PARENTHESES = {code: code for code in CSL_LISTS} | {
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


@dataclass
class CslRecords:
    """Loads the records of one file into `found`, knowing the `_id` of those before."""

    found: Findings
    place_of_id: dict[str, str] = field(default_factory=dict)

    def read(self, line: int, cells: dict[str, str]) -> None:
        """Load the record that begins at that line, or report it as unreadable."""
        name = collapse(cells["name"])
        list_code = list_code_of(cells["source"])
        if not list_code:
            source = shown(cells["source"].strip())
            self.found.unreadable(
                line,
                "unknown_source",
                f"names the list “{source}”, which is none of the thirteen known. Correct the source, or have the new "
                "list added to the product",
            )
        elif not name:
            self.found.unreadable(line, "no_name", "has no name. Look the entry up on the official list and correct it")
        else:
            marks: dict[str, str] = {}
            entry = _entry(list_code, name, cells, marks)
            self._mark_repeated_id(line, cells.get("_id", "").strip(), marks)
            self.found.add(line, entry, marks)

    def _mark_repeated_id(self, line: int, identity: str, marks: dict[str, str]) -> None:
        if not identity:
            return
        place = f"line {line}{self.found.where}"
        first = self.place_of_id.setdefault(identity, place)
        if first != place:
            marks["duplicated_id"] = f"has the same _id as {first}; both are kept, for an entry is not known by its _id"


def _entry(list_code: str, name: str, cells: dict[str, str], marks: dict[str, str]) -> ListedEntry:
    kind = _KINDS.get(cells["type"].strip().lower())
    if kind is None:
        marks["unknown_type"] = f"has the unknown type “{shown(cells['type'].strip())}”; it is kept without one"
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
    return entry


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
    marks["impossible_date"] = f"gives the {which} date “{shown(raw)}”, which cannot be; it is kept as unknown"
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
    mark_letters(cells, marks, watched=_LETTER_FIELDS)
    broken = [name for name in ("name", "alt_names", "addresses") if "\n" in cells[name] or "\r" in cells[name]]
    if broken:
        marks["line_break"] = f"breaks its line within a cell ({', '.join(broken)}); it is read as a space"
