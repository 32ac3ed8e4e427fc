"""OFAC's real lists: every row accounted for, and what is read of them compared with the CSL of 2022."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from compliance.watchlists.fingerprint import fold_key
from compliance.watchlists.parsers import ListedEntry, ParsedList, csl, ofac
from compliance.watchlists.parsers.bundle import pack
from compliance.watchlists.parsers.ofac_facts import is_identifier

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the real lists (../shared/data) are not here")


def real_bundle(day: str, names: tuple[str, ...] = ("sdn", "alt", "add", "sdn_comments")) -> bytes:
    files = (SHARED / "other_lists" / f"ofac_{name}_{day}.csv.gz" for name in names)
    return pack({path.name: path.read_bytes() for path in files})


@pytest.fixture(scope="module")
def sdn_of_2021() -> ParsedList:
    return ofac.parse(real_bundle("2021-07-07"), "sdn.zip")


def raw_rows(name: str, fields: int) -> list[list[str]]:
    with gzip.open(SHARED / "other_lists" / f"ofac_{name}_2021-07-07.csv.gz", "rt", newline="") as file:
        return [row for row in csv.reader(file) if len(row) == fields]


def test_every_row_of_the_sdn_list_of_2021_is_accounted_for(sdn_of_2021):
    aliases = {(row[0], " ".join(row[3].split())) for row in raw_rows("alt", 5)}
    addresses = {(row[0], *row[2:5]) for row in raw_rows("add", 6) if any(cell.strip() != "-0-" for cell in row[2:5])}

    assert sdn_of_2021.list_counts == {"SDN": 8_976}
    assert sdn_of_2021.problems == ()
    assert sum(len(entry.aliases) for entry in sdn_of_2021.entries) == len(aliases)
    assert sum(len(entry.addresses) for entry in sdn_of_2021.entries) == len(addresses)


def test_the_sdn_list_of_2019_is_held_for_its_comments_of_another_day():
    found = ofac.parse(real_bundle("2019-01-15"), "sdn.zip")

    assert found.list_counts == {"SDN": 7_379}
    assert found.problem_counts == {"unknown_number": 10, "no_final_line_break": 3}
    assert all("ofac_sdn_comments_2019-01-15.csv" in problem.message for problem in found.unreadable)


def test_the_consolidated_list_of_2025_is_read_to_its_five_lists():
    names = ("cons_prim", "cons_alt", "cons_add", "cons_comments")

    found = ofac.parse(real_bundle("2025-12-19", names), "cons.zip")

    assert found.list_counts == {"SSI": 286, "PLC": 78, "CMIC": 68, "CAP": 15, "MBS": 15}
    assert len({entry.entity_number for entry in found.entries}) == 442
    assert found.problems == ()


def test_the_consolidated_xml_of_2020_is_read():
    data = gzip.decompress((SHARED / "other_lists" / "ofac_consolidated_2020-03-17.xml.gz").read_bytes())

    found = ofac.parse(data, "ofac_consolidated_2020-03-17.xml")

    assert found.list_counts == {"SSI": 290, "PLC": 78, "FSE": 6, "CAP": 1}
    assert (found.edition, found.problems) == ("2020-03-17", ())
    assert sum(len(entry.weak_aliases) for entry in found.entries) == 31 - 1  # one stands twice, as a.k.a. and f.k.a.


def test_lists_of_the_iran_sanctions_act_are_no_list_that_is_known():
    data = (SHARED / "source_formats" / "treasury_consolidated__consolidated.xml").read_bytes()

    found = ofac.parse(data, "consolidated.xml")

    assert found.list_counts == {"PLC": 6, "SSI": 4, "FSE": 3, "CAP": 1}
    assert found.problem_counts == {"unknown_list": 2, "record_count": 1}


@pytest.fixture(scope="module")
def csl_of_2022() -> ParsedList:
    path = SHARED / "csl" / "csl_2022-04-21_full.csv.gz"
    return csl.parse(gzip.decompress(path.read_bytes()), path.name)


def test_lists_agree_with_the_csl_of_2022_but_for_its_odd_capta_rows(csl_of_2022):
    known = ("SSI", "FSE", "PLC", "CAP", "MBS", "CMIC")
    names = ("cons_prim", "cons_alt", "cons_add", "cons_comments")
    ours = ofac.parse(real_bundle("2025-12-19", names), "cons.zip").entries
    of_csl: dict[str, set[str]] = {}
    for entry in csl_of_2022.entries:
        if entry.list_code in known:
            of_csl.setdefault(entry.entity_number, set()).add(entry.list_code)
    of_ours: dict[str, set[str]] = {}
    for entry in ours:
        of_ours.setdefault(entry.entity_number, set()).add(entry.list_code)

    shared = of_csl.keys() & of_ours.keys()
    differing = {number for number in shared if of_csl[number] != of_ours[number]}

    # The CSL also calls 25 banks CAP that had been blocked by then and of which OFAC's file says nothing of the kind;
    # it does not call Sberbank itself (17018) CAP, though OFAC's file names directive 2 for it.
    assert (len(shared), len(differing)) == (440, 26)
    assert all(of_csl[number] - of_ours[number] == {"CAP"} for number in differing - {"17018"})
    assert of_ours["17018"] - of_csl["17018"] == {"CAP"}


@pytest.mark.parametrize(
    ("what", "share_pct"),
    [
        ("name", 99.6),
        ("aliases", 99.1),
        ("kind", 100.0),
        ("dates_of_birth", 99.7),
        ("places_of_birth", 99.6),
        ("nationalities", 99.4),
        ("citizenships", 99.9),
        ("identifiers", 99.3),
        ("addresses", 98.9),
        ("vessel", 99.9),
    ],
)
def test_the_sdn_list_of_2021_reads_as_in_the_csl_of_2022(sdn_of_2021, csl_of_2022, what, share_pct):
    """What OFAC changed in the nine months between, and some texts that the CSL has otherwise, is the rest."""
    later = {entry.entity_number: entry for entry in csl_of_2022.entries if entry.list_code == "SDN"}
    pairs = [
        (compared(entry, what), compared(later[entry.entity_number], what))
        for entry in sdn_of_2021.entries
        if entry.entity_number in later
    ]

    assert len(pairs) == 8_556
    assert 100 * sum(ours == theirs for ours, theirs in pairs) / len(pairs) >= share_pct


def compared(entry: ListedEntry, what: str) -> object:
    if what == "name":
        return fold_key(entry.name)
    if what == "aliases":  # the CSL does not tell weak ones from others
        return {fold_key(name) for name in (*entry.aliases, *entry.weak_aliases)}
    if what == "addresses":
        return {fold_key(address.text) for address in entry.addresses}
    if what == "identifiers":  # the CSL has gender, websites and more among them
        return {fold_key(item) for item in entry.identifiers if is_identifier(item.rpartition(", ")[2])}
    if what == "dates_of_birth":
        return {as_in_csl(item) for item in entry.dates_of_birth}
    value = getattr(entry, what)
    return {fold_key(str(item)) for item in value} if isinstance(value, tuple) else value


def as_in_csl(date: str) -> str:
    """The CSL gives the first day of a span and of a month, and drops "circa" before a whole date."""
    if "-" not in date:
        return date
    first = date.removeprefix("circa ").split(" to ")[0]
    return first + "-01" if len(first) == 7 else first
