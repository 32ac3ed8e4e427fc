"""OFAC's lists of Specially Designated Nationals and its consolidated non-SDN list, in both official forms.

The legacy CSV form is three or four files without column names that say nothing alone: entries, aliases,
addresses, and comments that continue remarks longer than 1,000 characters. They come as one bundle. The XML
form is read by `ofac_xml`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from .base import ListedAddress, ListedEntry, ParsedList, Problem, RefusedFile
from .bundle import is_bundle, members
from .csl_record import VESSEL_COLUMNS
from .ofac_facts import Facts, address_of, facts_of, vessel_facts
from .ofac_lists import Listing, Party, listing_of, load, words_of
from .ofac_xml import parse_xml
from .rows import Findings, Row, csv_rows, mark_letters, shown
from .text import collapse, decode

WANTED = "OFAC's list as a ZIP of its CSV files, or as XML"
TOGETHER = (
    "Give the files of one day together, at once or as one ZIP: sdn.csv, alt.csv, add.csv and sdn_comments.csv, or "
    "cons_prim.csv, cons_alt.csv, cons_add.csv and cons_comments.csv"
)

Role = Literal["primary", "alt", "add", "comments"]
COLUMNS: dict[Role, tuple[str, ...]] = {
    "primary": (
        "ent_num",
        "SDN_Name",
        "SDN_Type",
        "Program",
        "Title",
        "Call_Sign",
        "Vess_type",
        "Tonnage",
        "GRT",
        "Vess_flag",
        "Vess_owner",
        "Remarks",
    ),
    "alt": ("ent_num", "alt_num", "alt_type", "alt_name", "alt_remarks"),
    "add": ("ent_num", "add_num", "address", "city/state/zip", "country", "add_remarks"),
    "comments": ("ent_num", "remarks"),
}
_NEEDED: tuple[Role, ...] = ("primary", "alt", "add")
_CALLED: dict[Role, str] = {"primary": "entries", "alt": "aliases", "add": "addresses", "comments": "comments"}
# OFAC cuts the remarks of an entry here; the comments file has the rest.
REMARKS_LENGTH = 1_000

_KINDS = {"": "organization", "individual": "person", "vessel": "vessel", "aircraft": "aircraft"}
_ALIAS_TYPES = ("aka", "fka", "nka")
_END_OF_FILE = "\x1a"  # control-Z, with which OFAC ends its files
_DATE_IN_NAME = re.compile(r"\d{4}-?\d{2}-?\d{2}")


def parse(data: bytes, filename: str) -> ParsedList:
    """Read a ZIP of OFAC's CSV files, or its XML. Raises RefusedFile when they are not a whole list."""
    if is_bundle(data):
        files = members(data, WANTED)
        only = next(iter(files))
        if len(files) == 1 and only.lower().endswith(".xml"):
            return parse_xml(files[only], only)
        return _parse_csv(files)
    text = decode(data, WANTED)
    if text.lstrip().startswith("<"):
        return parse_xml(data, filename)
    raise RefusedFile(
        "lone_file",
        f"{shown(filename) or 'The file'} is no ZIP and no XML. A CSV file of OFAC alone lacks the aliases, the "
        f"addresses or the names. {TOGETHER}.",
        line=1,
    )


@dataclass(frozen=True, slots=True)
class _Member:
    """One file of the bundle: its name, role and good rows."""

    name: str
    role: Role
    rows: list[Row]


def _parse_csv(files: dict[str, bytes]) -> ParsedList:
    names, listing = _roles(files)
    found = Findings(WANTED)
    read = {role: _read(name, role, files[name], found) for role, name in names.items()}
    primary = _numbered(read["primary"], found)
    known = frozenset(primary)
    aliases = _by_number(read["alt"], known, found)
    addresses = _by_number(read["add"], known, found)
    comments = _by_number(read["comments"], known, found) if "comments" in read else {}
    parties = [
        _party(row, aliases.get(number, []), addresses.get(number, []), comments.get(number, []), found)
        for number, row in primary.items()
    ]
    if not parties:
        raise RefusedFile("no_rows", f"{names['primary']} holds no entry. Download it again.", line=1)
    found.where = f" of {names['primary']}"
    load(parties, listing, found)
    return found.result()


def _roles(files: dict[str, bytes]) -> tuple[dict[Role, str], Listing]:
    """The name of the file in each role, and the list they are of. Raises RefusedFile where the names don't tell."""
    names: dict[Role, str] = {}
    for name in files:
        role = role_of(name)
        if role is None:
            raise RefusedFile("unknown_member", f"What {shown(name)} holds can't be told by its name. {TOGETHER}.")
        if role in names:
            raise RefusedFile(
                "two_of_a_role", f"{names[role]} and {name} both hold {_CALLED[role]}. {TOGETHER}, one of each."
            )
        names[role] = name
    lacking = [_CALLED[role] for role in _NEEDED if role not in names]
    if lacking:
        raise RefusedFile("incomplete", f"The ZIP lacks the file of the {' and the '.join(lacking)}. {TOGETHER}.")
    dates = {date.replace("-", "") for name in files for date in _DATE_IN_NAME.findall(name)}
    listings = {listing for name in files if (listing := listing_of(name))}
    if len(dates) > 1 or len(listings) != 1:
        what = "several days" if len(dates) > 1 else "several lists" if listings else "an unknown list"
        raise RefusedFile("mixed_files", f"By their names the files are of {what}. {TOGETHER}.")
    return names, listings.pop()


def role_of(filename: str) -> Role | None:
    """The role that a file name tells ("ofac_sdn_comments_2021-07-07.csv": comments), or None."""
    words = words_of(filename)
    if words[-1:] != ["csv"]:
        return None
    if any(word.startswith("comment") for word in words):
        return "comments"
    if any(word in ("alt", "alts") for word in words):
        return "alt"
    if any(word in ("add", "adds") for word in words):
        return "add"
    return "primary" if any(word.startswith("sdn") or word == "prim" for word in words) else None


def _read(name: str, role: Role, data: bytes, found: Findings) -> _Member:
    """The good rows of one file; the others are reported. Raises RefusedFile when it is no such file, or cut off."""
    columns = COLUMNS[role]
    found.where = f" of {name}"
    try:
        text = decode(data, f"{name} of {WANTED}")
    except RefusedFile as error:
        raise RefusedFile(error.code, f"{name}: {error.message}", line=error.line) from error
    rows = [row for row in csv_rows(text) if row.fields or row.error]
    ended = bool(rows) and rows[-1].fields == [_END_OF_FILE]
    if ended:
        rows.pop()
    bad = [row for row in rows if row.error or len(row.fields) != len(columns)]
    if 2 * len(bad) > len(rows):
        line = bad[0].line
        raise RefusedFile(
            "wrong_layout",
            f"{name} is not a file of OFAC's {_CALLED[role]}: most of its rows (the first at line {line}) do not have "
            f"the {len(columns)} columns {', '.join(columns)}. Download the official file again; if its layout has "
            "changed, the parser must be changed first.",
            line=line,
        )
    if bad and bad[-1] is rows[-1] and (bad[-1].unclosed or len(bad[-1].fields) < len(columns)):
        raise RefusedFile(
            "cut_off",
            f"{name} is cut off: its last row, which begins at line {bad[-1].line}, is not whole. Download it again.",
            line=bad[-1].line,
        )
    good = []
    for row in rows:
        if row.error:
            found.unreadable(
                row.line, "broken_quotes", f"cannot be split into fields ({row.error}). Correct its quotes"
            )
        elif len(row.fields) != len(columns):
            found.unreadable(
                row.line,
                "wrong_field_count",
                f"has {len(row.fields)} fields where {len(columns)} are expected. Correct its commas and quotes, or "
                "download the file again",
            )
        elif not row.fields[0].strip().isdecimal():
            found.unreadable(
                row.line,
                "no_number",
                f"begins “{shown(row.fields[0])}”, not with the number of an entry. Compare it with the official list",
            )
        else:
            good.append(row)
    if rows and not ended and not text.endswith(("\n", "\r")):
        found.problems.append(
            Problem(
                rows[-1].line,
                "no_final_line_break",
                f"Line {rows[-1].line} of {name}, the last, ends without a line break, so its end may be missing. "
                "Compare it with the official file.",
                "damaged",
            )
        )
    return _Member(name, role, good)


def _number(row: Row) -> str:
    return str(int(row.fields[0]))


def _numbered(member: _Member, found: Findings) -> dict[str, Row]:
    """The entries by their number, each once."""
    found.where = f" of {member.name}"
    entries: dict[str, Row] = {}
    for row in member.rows:
        number = _number(row)
        if number in entries:
            found.unreadable(
                row.line,
                "repeated_number",
                f"has the entry number {number}, as line {entries[number].line}; OFAC gives each entry its own. "
                "Compare both with the official list",
            )
        elif not _text(row.fields[1]):
            found.unreadable(row.line, "no_name", "has no name. Look the entry up on the official list and correct it")
        else:
            entries[number] = row
    return entries


def _by_number(member: _Member, known: frozenset[str], found: Findings) -> dict[str, list[Row]]:
    """The rows of a file by the number of the entry that they belong to; rows of no entry are reported."""
    found.where = f" of {member.name}"
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in member.rows:
        number = _number(row)
        if number in known:
            rows[number].append(row)
        else:
            found.unreadable(
                row.line,
                "unknown_number",
                f"belongs to the entry number {number}, which the file of the entries does not have. Load the files of "
                "one day together",
            )
    return rows


def _text(cell: str) -> str:
    """The text of a cell, "" for OFAC's sign of an empty one. A file cut off by one letter ends with half a sign."""
    text = collapse(cell)
    return "" if text in ("-0-", "-0") else text


@dataclass
class _Names:
    strong: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def _party(row: Row, alts: list[Row], adds: list[Row], comments: list[Row], found: Findings) -> Party:
    marks: dict[str, str] = {}
    cells = dict(zip(COLUMNS["primary"], map(_text, row.fields), strict=True))
    remarks = _remarks(row.fields[-1], comments, marks)
    facts = facts_of(remarks, marks)
    names = _names(alts, facts, marks)
    addresses = tuple(dict.fromkeys(address for add in adds if (address := _address(add))))
    kind = _KINDS.get(cells["SDN_Type"].lower())
    if kind is None:
        marks["unknown_type"] = f"has the unknown type “{shown(cells['SDN_Type'])}”; it is kept without one"
    if not cells["Program"]:
        marks["missing_program"] = "names no sanctions program; look the entry up on the official list"
    vessel = dict(
        zip(
            VESSEL_COLUMNS,
            (cells[name] for name in ("Call_Sign", "Vess_type", "Tonnage", "GRT", "Vess_flag", "Vess_owner")),
            strict=True,
        )
    )
    mark_letters(
        {
            "name": cells["SDN_Name"],
            "aliases": "\n".join((*names.strong, *names.weak)),
            "addresses": "\n".join(address.text for address in addresses),
            "remarks": remarks,
        },
        marks,
        watched=("name", "aliases", "addresses"),
    )
    entry = ListedEntry(
        list_code="",
        name=cells["SDN_Name"],
        aliases=tuple(dict.fromkeys(names.strong)),
        weak_aliases=tuple(dict.fromkeys(names.weak)),
        addresses=addresses,
        kind=kind or "unknown",
        entity_number=_number(row),
        programs=tuple(dict.fromkeys(part.strip() for part in re.split(r"\]\s*\[", cells["Program"]) if part.strip())),
        title=cells["Title"],
        remarks="; ".join(part for part in (remarks, *names.remarks) if part),
        nationalities=tuple(dict.fromkeys(facts.nationalities)),
        citizenships=tuple(dict.fromkeys(facts.citizenships)),
        dates_of_birth=tuple(dict.fromkeys(facts.dates_of_birth)),
        places_of_birth=tuple(dict.fromkeys(facts.places_of_birth)),
        identifiers=tuple(dict.fromkeys(facts.identifiers)),
        vessel=vessel_facts(vessel),
    )
    return Party(row.line, entry, remarks, marks)


def _remarks(cell: str, comments: list[Row], marks: dict[str, str]) -> str:
    """The remarks with the comments that continue them. The cut falls within a word, so nothing comes between."""
    if not _text(cell) and not comments:
        return ""
    if len(cell) >= REMARKS_LENGTH and not comments:
        marks["cut_remarks"] = "has remarks that are cut off, and no comments that continue them; get the comments file"
    if comments and len(cell) < REMARKS_LENGTH:
        marks["stray_comments"] = (
            f"has comments (line {comments[0].line} of their file), though its remarks are not cut off; both are kept. "
            "The files may be of different days"
        )
        texts = (_text(cell).removesuffix("."), *(row.fields[1] for row in comments))
        return collapse("; ".join(text for text in texts if text))
    return collapse("".join([cell, *(row.fields[1] for row in comments)]))


def _names(alts: list[Row], facts: Facts, marks: dict[str, str]) -> _Names:
    names = _Names(weak=list(facts.weak_aliases))
    for row in alts:
        _, _, kind, name, remark = map(_text, row.fields)
        if kind.lower() not in _ALIAS_TYPES:
            marks["unknown_alias_type"] = f"has an alias of the unknown type “{shown(kind)}”; it is kept as an alias"
        if not name:
            marks["empty_alias"] = f"has an alias without a name (line {row.line} of the file of the aliases)"
        elif "weak" in remark.lower():
            names.weak.append(name)
        else:
            names.strong.append(name)
            names.remarks += [f"alias {name}: {remark}"] if remark else []
    return names


def _address(row: Row) -> ListedAddress | None:
    _, _, street, city, country, remark = map(_text, row.fields)
    return address_of((street, city), country, remark)
