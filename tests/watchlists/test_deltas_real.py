"""The changes of real lists from year to year: samples that a person compared in the raw files, against the delta.

Each table was made by reading both raw files at the row named. The first test of each pair finds the same with
nothing but a CSV reader; the second asks the parser and the delta.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from compliance.watchlists.delta import Delta, Known, compute
from compliance.watchlists.fingerprint import keys_of
from compliance.watchlists.parsers import ListedEntry, dpl, ofac
from compliance.watchlists.parsers.bundle import pack

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "other_lists"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the real lists (../shared/data/other_lists) are not here")

ADDED, REMOVED, MODIFIED = "added", "removed", "modified"

# June 2019 to September 2022. "TRIOLOGY" is spelled "TRILOGY" in 2022: one party, its name corrected.
DPL_2019_2022 = {
    "LUIS MARTIN CAMARENA": ADDED,
    "SIBERIAN AIRLINES D/B/A S7 AIRLINES": ADDED,
    "MARJAN CABY": ADDED,
    "SERGIO DANIEL SERRANO-LOPEZ": ADDED,
    "AXEL CABY": ADDED,
    "AARON ABRAHAM VILLA": ADDED,
    "MICHAEL SHAPOVALOV": ADDED,
    "MAHIN MOJTAHEDZADEH TOUSSI": ADDED,
    "MAJID TAHERI": ADDED,
    "JESSE RODRIGUEZ": ADDED,
    "EMENIKE NWANKWOALA": REMOVED,
    "C.I.C. ELECTRONICS (HK) LIMITED": REMOVED,
    "EDGAR GARZA-SANCHEZ": REMOVED,
    "BERTY TYLOO": REMOVED,
    "GERARDO DOMINGO RODRIGUEZ-RIVERA": REMOVED,
    "ARTURO GUILLERMO NINO": REMOVED,
    "MARIO JULIAN MARTINEZ-BERNACHE": REMOVED,
    "EXPORT MATERIALS, INC.": REMOVED,
    "SEGURIDAD Y ELECTRONICA MAFO, S.A.": REMOVED,
    "TRILOGY INTERNATIONAL ASSOCIATES, INC.": MODIFIED,
    "KOSARIAN FARD": MODIFIED,
    "JOSE JESUS CAMPOS-FLORES": MODIFIED,
    "MAHAN AIRWAYS": MODIFIED,
    "ISSAM SHAMMOUT": MODIFIED,
    "ALI ALHAY": MODIFIED,
    "MAHAN AIR GENERAL TRADING LLC": MODIFIED,
    "SKY BLUE BIRD LTD": MODIFIED,
    "AL-NASER AIRLINES": MODIFIED,
    "ALI ABDULLAH ALHAY": MODIFIED,
    "ALI ABDULLAH AHMED ALHAY": MODIFIED,
}
DPL_RENAMED = {"TRILOGY INTERNATIONAL ASSOCIATES, INC.": "TRIOLOGY INTERNATIONAL ASSOCIATES, INC."}
# September 2022 to November 2023.
DPL_2022_2023 = {
    "ELI ESPINOZA": ADDED,
    "OLEG ZENCHENKO": ADDED,
    'SHAOHUA "ERIC" WANG': ADDED,
    "ARTUR PETROV": ADDED,
    "SVETLANA SKVORTSOVA": ADDED,
    "JOSE MIGUEL LAZARIN-ZURITA": ADDED,
    "PETER SOTIS": ADDED,
    "SH BROTHERS GROUP, INC.": ADDED,
    "JAVIER MELESIO DELEON": ADDED,
    "NAOMI NATAL HAYNES": ADDED,
    "IVON CASTANEDA": REMOVED,
    "MING XIE": REMOVED,
    "EDWARD ALEXANDER DUENAS": REMOVED,
    "SIXING LIU": REMOVED,
    "KNOKKE-HEIST SUPPORT CORPORATION MANAGEMENT": REMOVED,
    "BOB BABU": REMOVED,
    "JASIN KHAFAF": REMOVED,
    "ERIK CHORNOLETSKYY": REMOVED,
    "RAY HAJIAN": REMOVED,
    "TIMOTHY GORMLEY": REMOVED,
    "AZUR AIR": MODIFIED,
    "ANDY LLOYD HUEBSCHMANN": MODIFIED,
    "SKY BLUE BIRD LTD": MODIFIED,
    "DAVID POWELL": MODIFIED,
    "KOSARIAN FARD": MODIFIED,
    "ALEXEY KRUTILIN": MODIFIED,
    "PJSC AEROFLOT": MODIFIED,
    "AL NASER AIRLINES": MODIFIED,
    "ISSAM SHAMMOUT": MODIFIED,
    "BELAVIA BELARUSIAN AIRLINES": MODIFIED,
}
# January 2019 to July 2021, by entity number.
SDN_2019_2021 = {
    "26662": ADDED,  # BICENTENARIO VII
    "29884": ADDED,  # LOUKA, Husam Muhammad
    "28645": ADDED,  # SPI INTERNATIONAL
    "28605": ADDED,  # ALPHABET INTERNATIONAL DMCC
    "29525": ADDED,  # CHEMTRANS PETROCHEMICALS TRADING LLC
    "26401": ADDED,  # RODRIGUEZ MUCURA, Hildemaro Jose
    "26143": ADDED,  # SANCHEZ NOLASCO, Boarnerges
    "28344": ADDED,  # GOTSANYUK, Yuri Mikhailovich
    "30844": ADDED,  # QUDS RAZAVI HOUSING AND CONSTRUCTION CO.
    "30286": ADDED,  # DES INTERNATIONAL CO., LTD.
    "15808": REMOVED,  # GRUPO FRACSA, S.A. DE C.V.
    "6849": REMOVED,  # ROMAN DOMINGUEZ, Erika
    "17707": REMOVED,  # GALLON HENAO, Pedro David
    "13464": REMOVED,  # CASA VOGUE
    "10702": REMOVED,  # SOCIEDAD MINERA GRIFOS S.A.
    "10920": REMOVED,  # KABABANKOLA MINING COMPANY
    "10913": REMOVED,  # BRECO (ASIA PACIFIC) LTD
    "13444": REMOVED,  # BODEGAS BANYOLAS
    "6975": REMOVED,  # SOMALI INTERNET COMPANY
    "15750": REMOVED,  # EL BANO DE MARIA, S. DE R.L. DE C.V.
    "906": MODIFIED,  # HAVANA INTERNATIONAL BANK, LTD., now HAVIN BANK LIMITED with other addresses
    "25284": MODIFIED,  # IRAN HORMUZ 14: programs
    "23744": MODIFIED,  # YU SON: remarks
    "25297": MODIFIED,  # ARTIN: programs
    "23086": MODIFIED,  # RI, Thae Chol: remarks
    "12577": MODIFIED,  # KALKAN, Duran: remarks
    "23011": MODIFIED,  # PAK, Mun Il: remarks
    "24809": MODIFIED,  # THURA SAN LWIN, now LWIN, Thura San
    "20982": MODIFIED,  # KIM, Se Gon: remarks
    "23287": MODIFIED,  # TECHNOGLOBAL, now TEHNOGLOBAL SYSTEMS DOO BEOGRAD
}


def raw(path: Path) -> io.StringIO:
    return io.StringIO(gzip.decompress(path.read_bytes()).decode(), newline="")


def raw_denied(day: str) -> dict[str, list[tuple[str, ...]]]:
    """The rows of each name, without the day on which the row was last touched."""
    rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in csv.DictReader(raw(SHARED / f"bis_dpl_{day}.txt.gz"), delimiter="\t"):
        facts = tuple(" ".join(cell.split()) for column, cell in row.items() if column not in ("Name", "Last_Update"))
        rows[" ".join(row["Name"].split())].append(facts)
    return {name: sorted(facts) for name, facts in rows.items()}


def raw_sdn(day: str) -> dict[str, list[tuple[str, ...]]]:
    """The rows of all files for each entity number, without the own numbers of aliases and addresses."""
    rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in ("sdn", "alt", "add", "sdn_comments"):
        for row in csv.reader(raw(SHARED / f"ofac_{name}_{day}.csv.gz")):
            if len(row) > 1:
                facts = row[2:] if name in ("alt", "add") else row[1:]
                empty = [cell.strip() in ("-0-", "-0") for cell in facts]
                plain = ("" if none else " ".join(cell.split()) for none, cell in zip(empty, facts, strict=True))
                rows[row[0]].append((name, *plain))
    return {number: sorted(facts) for number, facts in rows.items() if any(fact[0] == "sdn" for fact in facts)}


def raw_change(before: dict[str, list[tuple[str, ...]]], after: dict[str, list[tuple[str, ...]]], who: str) -> str:
    old, new = before.get(DPL_RENAMED.get(who, who), before.get(who)), after.get(who)
    if old is None or new is None:
        return ADDED if old is None else REMOVED
    return MODIFIED if old != new or (who in DPL_RENAMED and who not in before) else "the same"


@dataclass(frozen=True)
class Change:
    """Two states of a list and what the delta says of them."""

    before: dict[str, ListedEntry]
    after: dict[str, ListedEntry]
    delta: Delta

    def of(self, field: str, value: str) -> list[str]:
        """What the delta says of the entries that have that value, in either state."""
        said = [ADDED for key in self.delta.added if getattr(self.after[key], field) == value]
        said += [REMOVED for key in self.delta.removed if getattr(self.before[key], field) == value]
        return said + [MODIFIED for item in self.delta.modified if getattr(self.after[item.key_after], field) == value]


def change(before: tuple[ListedEntry, ...], after: tuple[ListedEntry, ...]) -> Change:
    old = dict(zip(keys_of(before), before, strict=True))
    new = dict(zip(keys_of(after), after, strict=True))
    return Change(old, new, compute({key: Known.of(entry) for key, entry in old.items()}, new))


def denied(day: str) -> tuple[ListedEntry, ...]:
    return dpl.parse(gzip.decompress((SHARED / f"bis_dpl_{day}.txt.gz").read_bytes()), "dpl.txt").entries


def sdn(day: str) -> tuple[ListedEntry, ...]:
    paths = [SHARED / f"ofac_{name}_{day}.csv.gz" for name in ("sdn", "alt", "add", "sdn_comments")]
    return ofac.parse(pack({path.name: path.read_bytes() for path in paths}), "sdn.zip").entries


@pytest.fixture(scope="module")
def denied_2022() -> Change:
    return change(denied("2019-06"), denied("2022-09"))


@pytest.fixture(scope="module")
def denied_2023() -> Change:
    return change(denied("2022-09"), denied("2023-11"))


@pytest.fixture(scope="module")
def sdn_2021() -> Change:
    return change(sdn("2019-01-15"), sdn("2021-07-07"))


@pytest.mark.parametrize(
    ("read", "days", "table"),
    [
        (raw_denied, ("2019-06", "2022-09"), DPL_2019_2022),
        (raw_denied, ("2022-09", "2023-11"), DPL_2022_2023),
        (raw_sdn, ("2019-01-15", "2021-07-07"), SDN_2019_2021),
    ],
)
def test_the_tables_say_what_the_raw_files_say(read, days, table):
    before, after = map(read, days)

    assert len(table) == 30
    assert {who: raw_change(before, after, who) for who in table} == table


def test_the_denied_persons_of_2019_to_2022_change_as_counted_by_hand(denied_2022):
    assert {name: denied_2022.of("name", name) for name in DPL_2019_2022} == {
        name: [op] for name, op in DPL_2019_2022.items()
    }


def test_the_denied_persons_of_2022_to_2023_change_as_counted_by_hand(denied_2023):
    assert {name: denied_2023.of("name", name) for name in DPL_2022_2023} == {
        name: [op] for name, op in DPL_2022_2023.items()
    }


def test_the_sdn_list_of_2019_to_2021_changes_as_counted_by_hand(sdn_2021):
    assert {number: sdn_2021.of("entity_number", number) for number in SDN_2019_2021} == {
        number: [op] for number, op in SDN_2019_2021.items()
    }


def test_every_name_that_came_or_went_came_or_went_in_the_delta_of_2022_too(denied_2022):
    before, after = raw_denied("2019-06"), raw_denied("2022-09")
    renamed = {*DPL_RENAMED, *DPL_RENAMED.values()}

    added = {denied_2022.after[key].name for key in denied_2022.delta.added}
    removed = {denied_2022.before[key].name for key in denied_2022.delta.removed}

    assert added == after.keys() - before.keys() - renamed
    assert removed == before.keys() - after.keys() - renamed
    assert (len(denied_2022.delta.added), len(denied_2022.delta.removed)) == (147, 103)


def test_a_corrected_name_is_a_modification(denied_2022):
    (item,) = [item for item in denied_2022.delta.modified if "name" in item.changes]

    assert item.changes["name"] == tuple(reversed(next(iter(DPL_RENAMED.items()))))


def test_a_renewed_order_changes_its_dates_and_citation(denied_2023):
    (item,) = [item for item in denied_2023.delta.modified if denied_2023.after[item.key_after].name == "AZUR AIR"]

    assert item.changes["start_date"] == ("2022-04-07", "2023-09-23")
    assert item.changes["end_date"] == ("2022-10-04", "2024-09-25")
    assert "citation" in item.changes


def test_an_address_that_got_another_expiry_than_its_person_is_split_off(denied_2023):
    """One of the three rows of Mahmoud Amini says 10/20/2024 in 2023, the two others 10/30/2024."""
    (key,) = [key for key in denied_2023.delta.added if denied_2023.after[key].name == "MAHMOUD AMINI"]

    assert denied_2023.after[key].end_date == "2024-10-20"
    assert denied_2023.delta.splits[key].startswith("DPL|mahmoud amini|")


def test_every_entity_number_that_came_or_went_came_or_went_in_the_delta_too(sdn_2021):
    before, after = raw_sdn("2019-01-15"), raw_sdn("2021-07-07")

    added = {sdn_2021.after[key].entity_number for key in sdn_2021.delta.added}
    removed = {sdn_2021.before[key].entity_number for key in sdn_2021.delta.removed}
    modified = {sdn_2021.after[item.key_after].entity_number for item in sdn_2021.delta.modified}

    assert added == after.keys() - before.keys()
    assert removed == before.keys() - after.keys()
    assert modified == {number for number in before.keys() & after.keys() if before[number] != after[number]}
    assert (len(added), len(removed), len(modified)) == (1_858, 261, 842)
