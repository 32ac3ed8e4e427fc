"""The UK consolidated list: rows of one Group ID make one entry; what is marked, what is refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, ListedEntry, ParsedList, RefusedFile, uk, unpack

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "other_lists"
needs_real_lists = pytest.mark.skipif(not SHARED.is_dir(), reason="the real lists (../shared/data) are not here")

HEADER_2020 = (
    "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,DOB,Town of Birth,Country of Birth,Nationality,Passport Details,"
    "NI Number,Position,Address 1,Address 2,Address 3,Address 4,Address 5,Address 6,Post/Zip Code,Country,"
    "Other Information,Group Type,Alias Type,Regime,Listed On,Last Updated,Group ID"
)
HEADER_2022 = (
    "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Name Non-Latin Script,Non-Latin Script Type,"
    "Non-Latin Script Language,DOB,Town of Birth,Country of Birth,Nationality,Passport Number,Passport Details,"
    "National Identification Number,National Identification Details,Position,Address 1,Address 2,Address 3,Address 4,"
    "Address 5,Address 6,Post/Zip Code,Country,Other Information,Group Type,Alias Type,Alias Quality,Regime,Listed On,"
    "UK Sanctions List Date Designated,Last Updated,Group ID"
)
SOUND = {
    "Name 6": "KESTREL",
    "Name 1": "Ivo",
    "Group Type": "Individual",
    "Alias Type": "Prime Alias",
    "Regime": "Syria",
    "Listed On": "24/05/2011",
    "Group ID": "901",
}


def row(**cells: str) -> dict[str, str]:
    """A sound row, with the given cells ("Name_6" for "Name 6") in place of its own."""
    return SOUND | {name.replace("_", " "): text for name, text in cells.items()}


def uk_file(*rows: dict[str, str], header: str = HEADER_2020) -> bytes:
    text = io.StringIO(newline="")
    text.write("Last Updated,27/04/2020\r\n")
    writer = csv.DictWriter(text, header.split(","), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def parse(data: bytes) -> ParsedList:
    return uk.parse(data, "uk.csv")


def one(*rows: dict[str, str], header: str = HEADER_2020) -> ListedEntry:
    (entry,) = parse(uk_file(*rows, header=header)).entries
    return entry


# What an entry gives


def test_rows_of_one_group_are_one_entry_though_others_stand_between():
    found = parse(
        uk_file(
            row(Name_6="ABU K", Name_1="", Alias_Type="AKA"),
            row(Name_6="OTHER PARTY", Name_1="", Group_ID="902", Group_Type="Entity"),
            row(),
            row(Name_1="Iwo", Alias_Type="FKA"),
        )
    )

    assert [(entry.entity_number, entry.name) for entry in found.entries] == [
        ("901", "Ivo KESTREL"),
        ("902", "OTHER PARTY"),
    ]
    assert found.entries[0].aliases == ("ABU K", "Iwo KESTREL")
    assert (found.lines, found.edition) == ((3, 4), "2020-04-27")
    assert found.notes == (("rows", "4 rows, 2 parties"),)


def test_a_group_gives_its_facts():
    entry = one(
        row(
            Title="Dr",
            Position="a) Mayor b) Judge",
            Other_Information="Seen in 2015.",
            Nationality="(1) Syrian (2) Iraqi",
        )
    )

    assert (entry.list_code, entry.kind, entry.programs) == ("UK", "person", ("Syria",))
    assert (entry.start_date, entry.start_date_raw) == ("2011-05-24", "24/05/2011")
    assert (entry.title, entry.nationalities) == ("Dr; Mayor; Judge", ("Syrian", "Iraqi"))
    assert (entry.remarks, entry.marks) == ("Seen in 2015.", ())


def test_the_given_names_stand_before_the_family_name():
    assert one(row(Name_2="Ben", Name_5="al-T")).name == "Ivo Ben al-T KESTREL"


@pytest.mark.parametrize(
    ("printed", "iso"),
    [("01/08/1979", "1979-08-01"), ("00/00/1979", "1979"), ("00/08/1979", "1979-08")],
)
def test_a_date_of_birth_may_lack_day_and_month(printed, iso):
    assert one(row(DOB=printed)).dates_of_birth == (iso,)


def test_addresses_of_all_rows_are_kept_once():
    entry = one(
        row(Address_1="1 Mill Road", Address_6="Quetta", Country="Pakistan"),
        row(Address_1="1 Mill Road", Address_6="Quetta", Country="Pakistan", DOB="00/00/1980"),
        row(Country="Jordan (since July 2013)"),
    )

    assert entry.addresses == (
        ListedAddress("1 Mill Road, Quetta, Pakistan", "PK"),
        ListedAddress("Jordan (since July 2013)", "JO"),
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Address_1": "Libya"}, "LY"),
        ({"Address_1": "1 Mill Road", "Address_6": "Iran"}, "IR"),
        ({"Address_1": "1 Peachtree Street", "Address_6": "Georgia"}, ""),
    ],
)
def test_without_a_country_cell_only_a_certain_country_gives_a_code(cells, code):
    (address,) = one(row(**cells)).addresses

    assert address.country == code


def test_numbered_documents_of_one_cell_are_several():
    entry = one(row(Passport_Details="(1) A-333602 (Indian) (2) M110522", NI_Number="Ration card no. 17"))

    assert entry.identifiers == (
        "A-333602 (Indian), Passport",
        "M110522, Passport",
        "Ration card no. 17, National ID No.",
    )


def test_a_party_under_two_regimes_is_listed_since_the_first():
    entry = one(row(), row(Regime="Chemical Weapons", Listed_On="21/01/2019"))

    assert entry.programs == ("Syria", "Chemical Weapons")
    assert (entry.start_date, entry.start_date_raw) == ("2011-05-24", "24/05/2011; 21/01/2019")
    assert "Listed under Chemical Weapons on 21/01/2019." in entry.remarks


def test_the_layout_of_2022_gives_quality_scripts_and_documents():
    cells = {"Name Non-Latin Script": "Иво", "Passport Number": "X1", "Passport Details": "expired"}
    entry = one(
        row(Alias_Type="Primary name") | cells,
        row(Name_1="Iwo", Alias_Type="Alias", Alias_Quality="Low"),
        row(Name_1="Yvo", Alias_Type="Primary name variation", Alias_Quality="Good"),
        header=HEADER_2022,
    )

    assert (entry.aliases, entry.weak_aliases) == (("Иво", "Yvo KESTREL"), ("Iwo KESTREL",))
    assert (entry.identifiers, entry.marks) == (("X1 (expired), Passport",), ())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("(1) A (2) B (3) C", ["A", "B", "C"]),
        ("1) A 2) B", ["A", "B"]),
        ("a) A, b) B", ["A", "B"]),
        ("(i) A (ii) B", ["A", "B"]),
        ("plain (1) text", ["plain (1) text"]),
        ("1) A 3) B", ["A 3) B"]),
        ("", []),
    ],
)
def test_a_numbered_text_is_split_only_where_its_numbers_follow(text, parts):
    assert uk.split_numbered(text) == parts


def test_windows_1252_is_read_as_such():
    data = uk_file(row(Name_6="CHO’NG ARMÉ")).decode().encode("cp1252")

    assert parse(data).entries[0].name == "Ivo CHO’NG ARMÉ"


# What is marked, what is unreadable


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        ({"Alias_Type": "AKA"}, "no_primary_name"),
        ({"Group_Type": "Cat"}, "unknown_type"),
        ({"Country": "the border region"}, "unknown_country"),
        ({"DOB": "31/02/1979"}, "impossible_date"),
        ({"Listed_On": "31/02/2011"}, "impossible_date"),
        ({"Listed_On": ""}, "missing_date"),
        ({"Name_6": "KE?TREL"}, "lost_letters"),
        ({"Name_6": "KESTRÃ©L"}, "wrong_letters"),
    ],
)
def test_damage_is_marked_and_reported_with_its_line(cells, mark):
    found = parse(uk_file(row(**cells)))

    assert found.entries[0].marks == (mark,)
    assert [(problem.line, problem.code, problem.severity) for problem in found.problems] == [(3, mark, "damaged")]


def test_a_name_of_unknown_type_is_screened_on_and_marked():
    entry = one(row(), row(Name_1="Iwo", Alias_Type="Nickname"))

    assert (entry.aliases, entry.marks) == (("Iwo KESTREL",), ("unknown_alias_type",))


def test_a_second_primary_name_becomes_an_alias():
    entry = one(row(), row(Name_1="Iwo"))

    assert (entry.name, entry.aliases, entry.marks) == ("Ivo KESTREL", ("Iwo KESTREL",), ("several_primary_names",))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"a,b,c\r\n", "wrong_field_count"),
        (b'a,"b"x,c\r\n', "broken_quotes"),
        (b"x" * 200_000 + b"\r\n", "broken_quotes"),
        (b"KESTREL" + b"," * 28 + b"\r\n", "no_group"),
        (b"," * 28 + b"901\r\n", "no_name"),
    ],
)
def test_a_row_that_cannot_be_read_is_reported_and_the_rest_is_loaded(line, code):
    found = parse(uk_file(row()) + line + uk_file(row(Group_ID="902")).split(b"\r\n", 2)[2])

    assert [(problem.line, problem.code) for problem in found.unreadable] == [(4, code)]
    assert [entry.entity_number for entry in found.entries] == ["901", "902"]


def test_a_last_line_without_line_break_marks_its_party():
    found = parse(uk_file(row(), row(Group_ID="902")).rstrip())

    assert [entry.marks for entry in found.entries] == [(), ("no_final_line_break",)]


# What is refused whole

GOOD = uk_file(row(), row(Name_1="Iwo", Alias_Type="AKA"), row(Group_ID="902", Other_Information="a, b"))


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (GOOD.split(b"\r\n", 1)[1], "missing_header", "Last Updated"),
        (GOOD.replace(b"27/04/2020", b"2020-04-27"), "missing_header", "day/month/year"),
        (GOOD.replace(b"27/04/2020", b"31/02/2020"), "missing_header", "31/02/2020"),
        (b"Last Updated,27/04/2020\r\n", "missing_header", "Line 2"),
        (uk_file(), "no_rows", "no row"),
        (GOOD.replace(b"Regime", b"Program"), "wrong_header", "lack Regime; they have unknown Program"),
        (GOOD.replace(b",Title,", b",DOB,"), "wrong_header", "repeat DOB"),
        (GOOD[:-30], "cut_off", "line 5"),
        (GOOD.replace(b'"a, b"', b'"a, b'), "cut_off", "never closed"),
        (GOOD.replace(b"Ivo", b"I\0o"), "nul_bytes", "line 3"),
        (GOOD.replace(b"Ivo", b"I\x81o"), "not_text", "line 3"),
        (GOOD.decode().encode("utf-16"), "not_text", "UTF-16"),
        (b"<html></html>", "missing_header", "Last Updated"),
    ],
)
def test_a_file_that_is_no_whole_list_is_refused_with_a_sentence(data, code, words):
    with pytest.raises(RefusedFile, match=words) as caught:
        parse(data)

    assert caught.value.code == code


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data):
    with pytest.raises(RefusedFile):
        parse(data)


@given(st.data())
def test_a_mutated_file_is_read_or_refused_and_nothing_else(data):
    at = data.draw(st.integers(0, len(GOOD)))
    until = data.draw(st.integers(at, min(len(GOOD), at + 40)))
    try:
        found = parse(GOOD[:at] + data.draw(st.binary(max_size=20)) + GOOD[until:])
    except RefusedFile:
        return
    assert len(found.entries) == len(found.lines)
    assert list(found.lines) == sorted(found.lines)


@given(st.text(max_size=80))
def test_splitting_a_numbered_text_loses_no_word(text):
    words = [word for word in text.split() if word.isalpha() and len(word) > 2]

    assert all(any(word in part for part in uk.split_numbered(" ".join(text.split()))) for word in words)


# The real list


@needs_real_lists
def test_every_row_of_the_real_list_of_2020_is_in_an_entry():
    found = parse(unpack((SHARED / "uk_hmt_consolidated_2020-04-27.csv.gz").read_bytes()))

    assert found.notes == (("rows", "9,492 rows, 2,114 parties"),)
    assert (len(found.entries), found.unreadable, found.edition) == (2_114, (), "2020-04-27")
    assert sum(entry.kind == "person" for entry in found.entries) == 1_523
    assert found.problem_counts == {"unknown_country": 10}
    assert all(entry.start_date for entry in found.entries)
