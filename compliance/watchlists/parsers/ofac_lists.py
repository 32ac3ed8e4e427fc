"""Which list an entry of OFAC is on: the SDN list, or the lists that the consolidated non-SDN file joins in one.

The legacy forms of the consolidated file name programs, not lists. Where a program serves one list alone it tells;
where it serves several, the directive that the entry names tells. What neither tells is on no list that we know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Literal

from .base import ListedEntry, RefusedFile
from .rows import Findings
from .text import collapse

Listing = Literal["SDN", "non-SDN"]

# Which list a program of the non-SDN consolidated file puts an entry on, where the program alone says so.
_LIST_OF_PROGRAM = {
    "UKRAINE-EO13662": "SSI",
    "FSE-IR": "FSE",
    "FSE-SY": "FSE",
    "NS-PLC": "PLC",
    "561-Related": "CAP",
    "561List": "CAP",
    "CMIC-EO13959": "CMIC",
    "NS-MBS": "MBS",
    "MBS": "MBS",
}
# Where a program serves several lists, the directive named in the entry tells: directive 2 under E.O. 14024 limits
# correspondent and payable-through accounts (CAPTA), directives 1, 1a, 3 and 4 are menu-based.
_LISTS_BY_DIRECTIVE = (
    (
        "RUSSIA-EO14024",
        re.compile(r"EO 14024 Directive 2\)|Order 14024 Directive Information:? Subject to Directive 2\b"),
        "CAP",
    ),
    (
        "RUSSIA-EO14024",
        re.compile(
            r"EO 14024 Directive (?:1a?|3|4)\)|Order 14024 Directive Information:? Subject to Directive (?:1a?|3|4)\b"
        ),
        "MBS",
    ),
    ("CAATSA - RUSSIA", re.compile(r"CAATSA Section 235 Information"), "MBS"),
    ("BURMA-EO14014", re.compile(r"Executive Order 14014 Directive Information"), "MBS"),
    ("ILLICIT-DRUGS-EO14059", re.compile(r"Executive Order 14059 information"), "MBS"),
)


def lists_of(programs: tuple[str, ...], remarks: str) -> tuple[str, ...]:
    """The codes of the non-SDN lists that an entry of the consolidated file is on, or () when none is known for it.

    `remarks`: the whole remarks, with types and numbers of the idList in the XML form.
    """
    found = [_LIST_OF_PROGRAM[program] for program in programs if program in _LIST_OF_PROGRAM]
    text = collapse(remarks)
    found += [code for program, sign, code in _LISTS_BY_DIRECTIVE if program in programs and sign.search(text)]
    return tuple(dict.fromkeys(found))


@dataclass
class Party:
    """One party as read: an entry that wants its list code, its line, and the text in which a directive may stand."""

    line: int
    entry: ListedEntry
    text: str
    marks: dict[str, str] = field(default_factory=dict)


def words_of(filename: str) -> list[str]:
    """The words of a file name in lower case, without folder, ending and digits: "ofac_sdn_2021.csv" → ofac, sdn."""
    return [word for word in re.split(r"[^a-z]+", PurePath(filename).name.lower()) if word]


def listing_of(filename: str) -> Listing | None:
    """The list that a file name of OFAC's tells, or None: "cons_prim.csv" and "consolidated.xml" against "sdn.csv"."""
    words = words_of(filename)
    if any(word.startswith("cons") or word == "prim" for word in words):
        return "non-SDN"
    return "SDN" if any(word.startswith("sdn") for word in words) else None


def load(parties: Iterable[Party], listing: Listing | None, found: Findings) -> None:
    """Add an entry for each list that each party is on; a party on no known list is reported and not loaded.

    `listing` is what the file names tell. Raises RefusedFile when the programs in the file tell otherwise: were an
    SDN file taken for the other, or the other way round, every entry would have another meaning.
    """
    parties = list(parties)
    classed = [lists_of(party.entry.programs, party.text) for party in parties]
    by_programs: Listing = "non-SDN" if 2 * sum(map(bool, classed)) >= len(parties) else "SDN"
    if listing and listing != by_programs and parties:
        raise RefusedFile(
            "wrong_list",
            f"The file names say that this is the {listing} list, but most programs in it are those of the "
            f"{by_programs} list. Check what was downloaded, and keep the names that OFAC gives.",
        )
    for party, codes in zip(parties, classed, strict=True):
        if by_programs == "SDN":
            codes = ("SDN",)
        if not codes:
            programs = ", ".join(party.entry.programs) or "none"
            found.unreadable(
                party.line,
                "unknown_list",
                f"({party.entry.name[:60]}) is on no list that is known for its programs ({programs}). "
                "Look the entry up, and have its list added to the product",
            )
        for code in codes:
            found.add(party.line, replace(party.entry, list_code=code), party.marks)
