"""The real part 744 of two days in 2026: every row accounted for, the split of cells checked by hand."""

from __future__ import annotations

import csv
import gzip
import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from compliance.watchlists.parsers.base import ListedEntry, ParsedList
from compliance.watchlists.parsers.ecfr744 import parse
from compliance.watchlists.parsers.ecfr744_xml import read_part_744
from compliance.watchlists.parsers.text import unpack

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
MARCH, JULY = (SHARED / "ecfr" / f"title-15_part-744_2026-{day}.xml.gz" for day in ("03-25", "07-18"))

pytestmark = pytest.mark.skipif(not MARCH.is_file(), reason="the real regulation (../shared/data/ecfr) is not here")


def packed_rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


@pytest.fixture(scope="module")
def march() -> ParsedList:
    return parse(unpack(MARCH.read_bytes()), MARCH.name)


@pytest.fixture(scope="module")
def july() -> ParsedList:
    return parse(unpack(JULY.read_bytes()), JULY.name)


@pytest.fixture(scope="module", params=["march", "july"])
def either(request) -> ParsedList:
    return request.getfixturevalue(request.param)


def entity_list(parsed: ParsedList) -> list[ListedEntry]:
    return [entry for entry in parsed.entries if entry.list_code == "EL"]


# Every row


def test_every_table_row_of_the_three_supplements_is_accounted_for(march):
    supplements = read_part_744(unpack(MARCH.read_bytes())).supplements
    notes = Counter(label.split()[0] for label, _ in march.notes)

    assert {number: len(supplement.rows) for number, supplement in supplements.items()} == {4: 3_421, 6: 187, 7: 91}
    assert Counter(row.part for row in supplements[4].rows) == {"head": 1, "foot": 5, "body": 3_415}
    assert march.list_counts == {"EL": 3_415, "UVL": 186, "MEU": 70}
    assert (1 + notes["footnote"] + 3_415, 1 + 186, 1 + notes["MEU"] + 70) == (3_421, 187, 91)
    assert march.unreadable == ()


def test_the_texts_of_the_five_footnotes_are_kept(either):
    texts = {label: text for label, text in either.notes if label.startswith("footnote")}

    assert sorted(texts) == [f"footnote {sign}" for sign in range(1, 6)]
    assert "734.9(e)(1)" in texts["footnote 1"]
    assert texts["footnote 2"].startswith("Cybersecurity research")
    assert "734.9(g)" in texts["footnote 3"]


def test_lines_are_those_of_the_rows(march):
    text = unpack(MARCH.read_bytes()).decode().split("\n")

    assert {text[line - 1] for line in march.lines} == {"<TR>"}
    assert len(set(march.lines)) == len(march.entries)


def test_footnote_signs_are_counted_and_leave_the_requirement(either):
    signs = Counter(entry.footnotes for entry in entity_list(either))

    assert signs == {(): 2_398, ("3",): 775, ("1", "2"): 130, ("4",): 96, ("5",): 16}
    assert not [entry for entry in either.entries if re.search(r"EAR\)? ?\d\b|\(g\),? ?3", entry.license_requirement)]


def test_what_is_marked_is_counted(july):
    assert july.problem_counts == {
        "missing_citation": 12, "several_parties": 10, "alias_count_differs": 9, "continues_row_above": 4,
        "impossible_date": 1,
    }  # fmt: skip
    marked = Counter(entry.list_code for entry in july.entries if "missing_citation" in entry.marks)
    assert marked == {"EL": 4, "MEU": 8}


def test_entries_that_are_only_an_address_are_known(july):
    found = [entry for entry in july.entries if entry.kind == "address"]

    assert Counter(entry.destination for entry in found) == {"CN": 18, "TR": 1}
    assert all(len(entry.addresses) == 1 and not entry.aliases for entry in found)


# Two days of the same law


def test_the_two_days_differ_in_nothing_but_punctuation(march, july):
    def content(entry: ListedEntry) -> tuple[object, ...]:
        texts = (entry.name, entry.license_requirement, entry.license_policy, entry.citation, entry.remarks)
        return (
            [folded(text) for text in (*texts, *entry.aliases)],
            [(folded(address.text), address.country) for address in entry.addresses],
            (entry.destination, entry.footnotes, entry.citations, entry.list_code),
        )

    changed = [(a.name, b.name) for a, b in zip(march.entries, july.entries, strict=True) if content(a) != content(b)]

    assert changed == []
    assert march.entries != july.entries


# Against other readings of the same regulation


def test_country_date_and_citations_agree_with_the_plain_cut(july):
    """The cut misses a citation printed without its comma, over a line break or with other words; ours may not."""
    rows = packed_rows(SHARED / "ecfr" / "entity_list_rows_2026-07-18.csv.gz")
    entries = entity_list(july)

    pairs = {(row["country"], entry.destination) for row, entry in zip(rows, entries, strict=True)}
    differing = [
        row["federal_register_citation"]
        for row, entry in zip(rows, entries, strict=True)
        if (row["first_date"], row["first_citation"], int(row["n_citations"]))
        != (entry.start_date_raw, entry.citations[0][0] if entry.citations else "", len(entry.citations))
    ]

    assert len(pairs) == len({country for country, _ in pairs}) == 91
    assert len(differing) == 21
    regular = re.compile(r"(?:\d+ FR \d+, \d{1,2}/\d{1,2}/\d{2,4}\.?,?\s*)+")
    assert not [text for text in differing if regular.fullmatch(text)]


def test_the_alias_pairs_of_the_regulation_are_found(july):
    pairs = [
        row for row in packed_rows(SHARED / "labelled" / "entity_list_alias_pairs.csv.gz") if row["is_match"] == "1"
    ]
    names: dict[str, list[set[str]]] = {}
    for entry in entity_list(july):
        its_names = {folded(name) for name in (entry.name, *entry.aliases)}
        for name in its_names:
            names.setdefault(name, []).append(its_names)

    missed = [
        row for row in pairs if not any(folded(row["name_2"]) in its for its in names.get(folded(row["name_1"]), []))
    ]

    # In the others the label still holds an address, or "(f.k.a., X)" within the name.
    assert len(pairs) - len(missed) == 2_396
    assert all(re.search(r"f\.k\.a\.|[.,;].*\w", f"{row['name_1']} {row['name_2']}") for row in missed)


def test_the_28_of_october_2019_are_found_whole(july):
    facts = json.loads((SHARED / "entity_list_2019-10-09.json").read_text(encoding="utf-8"))["entries"]
    listed = {
        folded(entry.name): entry
        for entry in entity_list(july)
        if any(citation == "84 FR 54004" for citation, _ in entry.citations)
    }

    found = [listed[folded(fact["name"])] for fact in facts]
    aliases = [(fact["name"], alias) for fact, entry in zip(facts, found, strict=True) for alias in fact["aliases"]
               if folded(alias) in map(folded, entry.aliases)]  # fmt: skip
    addresses = [(fact["name"], text) for fact, entry in zip(facts, found, strict=True) for text in fact["addresses"]
                 if folded(text) in (folded(address.text) for address in entry.addresses)]  # fmt: skip

    assert (len(found), len(aliases), len(addresses)) == (28, 19, 40)


def test_few_aliases_and_addresses_look_wrong(july):
    aliases = [alias for entry in july.entries for alias in entry.aliases]
    addresses = [address for entry in july.entries for address in entry.addresses]

    assert (len(aliases), len(addresses)) == (5_440, 6_579)
    assert [alias for alias in aliases if "; and" in alias] == ["Xinjiang Leon Telecom; and Technology"]
    assert not [alias for alias in aliases if re.match(r"[—–-]", alias)]
    assert len([alias for alias in aliases if len(alias) > 200]) == 2
    assert not [alias for alias in aliases if re.search(r"P\.?O\.? ?Box|\b(?:Street|Road|Avenue)\b.*\d", alias)]
    assert not [address for address in addresses if re.search(r"a\.k\.a|\balias|[\n\x00-\x08]", address.text)]


def test_the_real_file_is_read_in_well_under_five_seconds():
    data = unpack(MARCH.read_bytes())
    begun = time.monotonic()

    parse(data, MARCH.name)

    assert time.monotonic() - begun < 5


# By hand: each printed cell was read by eye and compared. Destination, beginning of the name, number of aliases,
# one of them, number of addresses (equal ones once), beginning of the last, its country, footnote signs.
BY_HAND = [
    ("AF", "Abdul Satar Ghoura", 0, "", 2, "Flat No. 41 Block No. 24 Macroyan", "AF", ""),
    ("AF", "Afghan-German Construction", 0, "", 2, "Dasht Qala, Takhar Province,", "AF", ""),
    ("AF", "Zurmat Construction Company", 0, "", 7, "Aino Mena, Street No. 22 (Blue", "AF", ""),
    ("AM", "Markel Closed Joint Stock Company", 0, "", 2, "26 Dzorapi Street, Yerevan, 0015,", "AM", ""),
    ("BH", "Mohammed Marzoghi", 0, "", 1, "12-20 Albaba Building 119 Road", "BH", ""),
    ("BY", "The Ministry of Defence of the", 0, "", 1, "All addresses located in Belarus", "BY", "3"),
    ("CN", "54th Research Institute of China", 3, "", 0, "", "", ""),
    ("CN", "ACM Research (Shanghai)", 4, "Shengmei Shanghai", 3, "About 170 meters northeast of the", "CN", ""),
    ("CN", "Address 01", 0, "", 1, "Unit D, 16/F One Capital Place, 18", "HK", ""),
    ("CN", "Beijing Sensetime Technology", 2, "Sense Time", 1, "5F Block B, Science and Technology", "CN", "4"),
    ("CN", "Chengdu Latest Electronics", 0, "", 4, "2-308 No. 115 Hongshan Road,", "CN", ""),
    ("CN", "201 Research Institute", 14, "203rd Research Institute", 0, "", "", ""),
    ("CN", "The following addresses apply to", 0, "", 5, "90 Dianzi Road, Section One, Xian,", "CN", ""),
    ("CN", "China Electronic Technology Group", 7, "CETC Infrared or CETC IR", 3, "Electronic City of", "CN", ""),
    ("CN", "Chinese Academy of Engineering", 17, "Ninth Academy", 4, "1 Fenghao East Road, Haidian", "CN", ""),
    ("CN", "Chinese Academy of Science,", 3, "Quantum 2011", 3, "No. 62, Taihu Road, Baohe District,", "CN", ""),
    ("CN", "Fujian Torch Electron Technology", 0, "", 11, "Suite 10009, Times Building, No. 55", "CN", ""),
    ("CN", "Hangzhou Hikvision Digital", 1, "Hikvision", 3, "700 Dongliu Road, Binjiang", "CN", ""),
    ("CN", "Huawei Technologies Co., Ltd.", 2, "Huawei Technology", 7, "Tsim Sha Tsui, Kowloon,", "HK", "12"),
    ("CN", "Beijing Huawei Longshine", 27, "HMN Technologies", 22, "No. 360 Jiangshu Road, Building 5,", "CN", ""),
    ("CN", "Leon Technology Co., Ltd.", 4, "Liang Technology", 8, "No. 17-2-402, Jiaxin Garden, 20", "CN", ""),
    ("CN", "Lim Yong Nam", 3, "Yong Nam Lim", 2, "Room 2613, NanGuangJieJia Building", "CN", ""),
    ("CN", "New H3C Semiconductor", 0, "", 3, "Shanghai Branch—No. 666 Shengxia", "CN", "4"),
    ("CN", "Tehran Pishro Trading Co.", 0, "", 1, "16th Floor, Block B, Building 100,", "CN", ""),
    ("UA", "FAU 'Glavgosekspertiza Rossii'", 3, "Glavgosekspertiza", 2, "10 Vokzalnaya Street,", "UA", ""),
    ("UA", "Federal SUE Shipyard 'Morye'", 4, "More Shipyard", 1, "1 Desantnikov Street, Feodosia,", "UA", ""),
    ("CY", "Rosneft Trade Limited", 1, "TNK Trade Limited", 1, "Elenion Building 5 Themistokli", "CY", ""),
    ("DE", "Manufacturers Equipment", 1, "MEO GMBH", 2, "Neuenhaus 96, 42929,", "DE", ""),
    ("GB", "Farshid Gillardian", 2, "Isaac Gillardian", 1, "London, United Kingdom", "GB", ""),
    ("GB", "LTS Holding Limited", 1, "IPP-International Petroleum Products Ltd.", 1, "Tortola,", "VG", ""),
    ("GB", "Sergei (Sergi) Ivanovich Tomchani", 1, "Sergey Ivanovich Tomchani", 2, "Enterprise House", "GB", ""),
    ("IN", "The following Department of", 3, "Fuel reprocessing and enrichment facilities", 0, "", "", ""),
    ("IR", "NBC Navegan Bar Co. Ltd.", 1, "", 2, "101, Kohrramshahr Ave., Tehran", "", ""),
    ("IL", "A. Leib Ltd.", 0, "", 1, "HA'Assif 19, Binyamina, Israel", "IL", ""),
    ("KG", "All Global Trading Elektronik Dis", 0, "", 1, "140/57 Chui Street, Bishkek City,", "KG", "3"),
    ("LB", "Modern Agropharmaceuticals &", 0, "", 2, "Anwar Building, 9th Floor, Salim", "LB", ""),
    ("LK", "Huawei Technologies Lanka Company", 0, "", 1, "Colombo, Sri Lanka", "LK", "12"),
    ("PK", "Abdul Qader Khan Research", 7, "Kahuta Nuclear Facility", 4, "24 Mauve Area G 9/1, GPO Box", "", ""),
    ("PK", "Engineering Materials and", 1, "EMEC", 1, "Suite 7, Floor 6, Shaheen Complex,", "PK", ""),
    ("PK", "IMCO Technology and Services", 1, "IMCO", 1, "No. 9, 2nd Floor, Royal Inn Plaza,", "PK", ""),
    ("PK", "Solutions Engineering Pvt. Ltd.", 2, "Solutronix Pvt. Ltd.", 8, "156 The Mall, Rawalpindi,", "PK", ""),
    ("RU", "A.A. Kharkevich Institute for", 2, "Institut Problem Peredachi Informatsii RAN", 0, "", "", ""),
    ("RU", "Aleksander Kuznetsov", 1, "Alexander Kuznetsov", 8, "Ulitsa Metallurgov, 29, Str. 1,", "RU", ""),
    ("RU", "All-Russian Scientific Research Institute of T", 8, "Zababakhin Institute", 1, "P.O. Box 245,", "RU", ""),
    ("RU", "Almaz-Antey Air Defense Concern", 12, "Almaz-Antey GSKB", 1, "16-80, Leningradsky Prospect,", "RU", ""),
    ("RU", "Dolgoprudny Research Production", 5, "olgoprudnenskoye NPP OAO", 2, "Proshchad Sobina 1,", "RU", ""),
    ("RU", "Gazmash, AO", 3, "Gazmash", 1, "d. 54 korp. 1 litera A pomeshch", "RU", ""),
    ("RU", "Gazprom Russkaya, OOO", 3, "Gazprom Russkaya", 1, "3 korp.2 ul.Varshavskaya, St.", "RU", ""),
    ("RU", "Joint Stock Company 766 UPTK", 0, "", 1, "1 Institutskaya Street, Nakhabino,", "RU", "3"),
    ("RU", "Joint Stock Company Novosibirsk", 4, "JSC NARP", 1, "2/4 Aeroport Street, Novosibirsk,", "RU", "3"),
    ("RU", "Kalinin Machine Plant, JSC", 6, "Kalinin Machinery Plant-BRD", 1, "18 prospekt Kosmonavtov,", "RU", ""),
    ("RU", "Ministry of Defence of the", 0, "", 1, "All address located in Russia", "RU", "3"),
    ("RU", "PJSC Mostotrest", 4, "Mostotrest, PAO", 2, "d. 6 str. 5, ul. Barklaya, Moscow", "RU", ""),
    ("RU", "Yuliya L. Molkova-Poluh", 3, "Yuliya Molkova-Polah", 4, "16 Raketnyy Bul'var, Moscow, Russia", "RU", ""),
    ("SG", "Lim Yong Nam", 3, "Yong Nam Lim", 4, "Blk 1001 Tai Seng Ave. #01-2522,", "SG", ""),
    ("SG", "Suzhou Keda Technology Co., Ltd.", 1, "Kedacom", 1, "1 Tannery Lane One Tat Seng #04-01,", "SG", ""),
    ("SY", "Scientific Studies and Research", 7, "Scientific Research Council (SRC)", 1, "P.O. Box 4470,", "SY", ""),
    ("TH", "Kosol Surinanda", 1, "Kosol Surinandha", 5, "111/11 Village 0.14 King Kaeo Road,", "TH", ""),
    ("TR", "Address 01", 0, "", 1, "No: 52 Hasat Sk., Kamara Iç Kapi", "TR", ""),
    ("TR", "B2M Lojistik Ve Dis Ticaret", 0, "", 3, "No:9/2Madalya Sok., Haraççı Mah.,", "TR", "3"),
    ("TR", "UMS Ankara Kalibrasyon Mühendislik", 3, "", 4, "No: 1, 1151 Sok., Gul 86 Yap", "TR", ""),
    ("TW", "Corad Taiwan Representative", 0, "", 2, "3F-1, No. 1008, Sec. 4, Johngsing", "TW", ""),
    ("TW", "Yi-Lan Chen", 1, "Kevin Chen", 2, "7th Floor, Number 17, Zhonghua Rd.,", "TW", ""),
    ("AE", "Liberty House Trading LLC", 2, "Baet Alhoreya", 3, "Dubai Shopping Center, Office 13,", "AE", ""),
]


@pytest.mark.parametrize(("destination", "name", "aliases", "alias", "addresses", "last", "country", "signs"), BY_HAND)
def test_rows_chosen_by_hand_are_split_as_printed(
    either, destination, name, aliases, alias, addresses, last, country, signs
):
    (entry,) = [
        entry for entry in entity_list(either) if entry.destination == destination and entry.name.startswith(name)
    ]

    assert (len(entry.aliases), len(entry.addresses), "".join(entry.footnotes)) == (aliases, addresses, signs)
    assert not alias or alias in entry.aliases
    assert not last or (entry.addresses[-1].text.startswith(last) and entry.addresses[-1].country == country)
