"""The Denied Persons List as tab-separated text: rows to persons, dates, citations, and every defect marked."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, ListedEntry, ParsedList, RefusedFile, dpl

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real lists (../shared/data) are not here")

SOUND = {
    "Name": "NORTHERN LIGHTS TRADING",
    "Street_Address": "12 HARBOR STREET",
    "City": "TROMSO",
    "State": "",
    "Country": "NO",
    "Postal_Code": "9008",
    "Effective_Date": "03/04/2019",
    "Expiration_Date": "03/04/2029",
    "Standard_Order": "Y",
    "Last_Update": "2019-03-11",
    "Action": "FR NOTICE ADDED",
    "FR_Citation": "84 F.R. 8890 3/12/2019",
}


def row(**cells: str) -> dict[str, str]:
    return SOUND | cells


def text_file(*rows: dict[str, str], header: tuple[str, ...] = dpl.COLUMNS) -> bytes:
    lines = ["\t".join(header), *("\t".join(f'"{cells[name]}"' for name in header) for cells in rows)]
    return ("\n".join(lines) + "\n").encode()


def read(*rows: dict[str, str]) -> ParsedList:
    return dpl.parse(text_file(*rows), "dpl.txt")


def read_one(**cells: str) -> ListedEntry:
    (entry,) = read(row(**cells)).entries
    return entry


def refusal(data: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        dpl.parse(data, "dpl.txt")
    return caught.value


def test_a_row_becomes_an_entry():
    assert read_one() == ListedEntry(
        list_code="DPL",
        name="NORTHERN LIGHTS TRADING",
        addresses=(ListedAddress("12 HARBOR STREET, TROMSO, 9008, NO", "NO"),),
        start_date="2019-03-04",
        end_date="2029-03-04",
        start_date_raw="03/04/2019",
        end_date_raw="03/04/2029",
        standard_order="Y",
        citation="84 F.R. 8890 3/12/2019",
        citations=(("84 FR 8890", "2019-03-12"),),
        remarks="FR NOTICE ADDED",
    )


def test_rows_of_one_person_are_one_entry_with_several_addresses():
    found = read(row(), row(Name="OTHER"), row(Street_Address="7 PIER ROAD", Name=" Northern  Lights Trading "))

    assert [entry.name for entry in found.entries] == ["NORTHERN LIGHTS TRADING", "OTHER"]
    assert found.lines == (2, 3)
    assert [address.text for address in found.entries[0].addresses] == [
        "12 HARBOR STREET, TROMSO, 9008, NO",
        "7 PIER ROAD, TROMSO, 9008, NO",
    ]
    assert not found.problems


@pytest.mark.parametrize(
    "other",
    [
        {"Effective_Date": "03/05/2019"},
        {"Expiration_Date": "03/05/2029"},
        {"Standard_Order": "N"},
        {"FR_Citation": "84 F.R. 9999 3/12/2019"},
        {"FR_Citation": ""},
    ],
)
def test_rows_that_differ_in_dates_order_or_first_notice_are_separate_entries(other):
    assert len(read(row(), row(Street_Address="7 PIER ROAD", **other)).entries) == 2


def test_rows_that_cite_other_later_notices_are_one_entry_that_keeps_all_and_is_marked():
    found = read(row(), row(City="OSLO", FR_Citation="84 F.R. 8890 3/12/2019, 85 F.R. 11 1/2/20"))

    (entry,) = found.entries
    assert entry.citations == (("84 FR 8890", "2019-03-12"), ("85 FR 11", "2020-01-02"))
    assert entry.marks == ("citations_differ",)
    assert "line 3" in found.problems[0].message


def test_a_repeated_row_is_loaded_once_and_reported_with_both_lines():
    found = read(row(), row())

    assert len(found.entries[0].addresses) == 1
    assert found.problem_counts == {"repeated_row": 1}
    assert "line 3, as line 2" in found.problems[0].message


def test_the_actions_of_all_rows_are_kept():
    (entry,) = read(row(), row(City="OSLO", Action="ADDRESS ADDED")).entries

    assert entry.remarks == "FR NOTICE ADDED; ADDRESS ADDED"


@pytest.mark.parametrize(
    ("cells", "country", "marks"),
    [
        ({"Country": "PRC"}, "CN", ()),
        ({"Country": "", "State": "TX", "Postal_Code": "78577"}, "US", ()),
        ({"Country": "", "State": "NH", "Postal_Code": "3801"}, "US", ()),
        ({"Country": "", "State": "CY", "Postal_Code": ""}, "", ("missing_country",)),
        ({"Country": "", "State": "CA", "Postal_Code": ""}, "", ("missing_country",)),
        ({"Country": "NM", "State": "", "Postal_Code": "88021"}, "", ("unknown_country",)),
        (dict.fromkeys(("Street_Address", "City", "State", "Country", "Postal_Code"), ""), "", ("missing_address",)),
    ],
)
def test_the_country_is_read_and_never_guessed(cells, country, marks):
    entry = read_one(**cells)

    assert "".join(entry.countries) == country
    assert entry.marks == marks


@pytest.mark.parametrize(
    ("text", "citations", "marks"),
    [
        ("82 F.R 48792 10/20/2017 ", (("82 FR 48792", "2017-10-20"),), ()),
        ("85.F.R. 41, 1/2/20", (("85 FR 41", "2020-01-02"),), ()),
        ("46 F.R. 46154 9/17/81 and 46 F.R. 19290", (("46 FR 46154", "1981-09-17"), ("46 FR 19290", "")), ()),
        ("82 F.R. 16788, 16789 4/6/2017", (("82 FR 16788", "2017-04-06"),), ()),
        ("82 F.R. 1 1/2/2017;83F.R. 2 3/4/18", (("82 FR 1", "2017-01-02"), ("83 FR 2", "2018-03-04")), ()),
        ("80 F.R. 44930 7/28/15 F.R. 3 1/2/16", (("80 FR 44930", "2015-07-28"),), ("unread_citation",)),
        ("86 F.R. 28540 15/27/2021", (("86 FR 28540", ""),), ("impossible_citation_date",)),
        ("72 F.R. 10/30/07", (), ("unread_citation",)),
        ("TO BE PUBLISHED", (), ("unread_citation",)),
        ("", (), ("missing_citation",)),
    ],
)
def test_every_federal_register_citation_is_read_or_marked(text, citations, marks):
    entry = read_one(FR_Citation=text)

    assert (entry.citations, entry.marks) == (citations, marks)
    assert entry.citation == text.strip()


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        ({"Effective_Date": "02/30/2019"}, "impossible_date"),
        ({"Expiration_Date": "03/04/0029"}, "impossible_date"),
        ({"Expiration_Date": "SOON"}, "impossible_date"),
        ({"Effective_Date": ""}, "missing_date"),
        ({"Expiration_Date": "03/03/2019"}, "expiry_before_effect"),
        ({"Standard_Order": ""}, "unknown_standard_order"),
        ({"Name": "NORTH?S LIGHT"}, "lost_letters"),
        ({"Street_Address": "12 HARBOR\nSTREET"}, "line_break"),
        ({"City": "TROMSÃ\u0098"}, "wrong_letters"),
        ({"City": "TROMS\x07O"}, "control_character"),
    ],
)
def test_a_defect_of_a_row_is_loaded_marked_and_reported(cells, mark):
    found = read(row(**cells))

    assert mark in found.entries[0].marks
    assert (mark, 2, "damaged") in [(problem.code, problem.line, problem.severity) for problem in found.problems]


def test_an_order_without_expiry_is_no_defect():
    entry = read_one(Expiration_Date="")

    assert (entry.end_date, entry.marks) == ("", ())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("A\tB\tC", "wrong_field_count"),
        ("\t".join(['""'] * 12), "empty_row"),
        ("\t".join(dpl.COLUMNS), "repeated_header"),
        ("\t".join(["", *"abcdefghijk"]), "no_name"),
        ('"A"B\t' + "\t".join("abcdefghijk"), "broken_quotes"),
    ],
)
def test_a_row_that_cannot_be_read_is_reported_with_its_line_and_left_out(line, code):
    head, _, good = text_file(row()).partition(b"\n")

    found = dpl.parse(head + b"\n" + line.encode() + b"\n" + good, "dpl.txt")

    assert [(problem.line, problem.code) for problem in found.unreadable] == [(2, code)]
    assert len(found.entries) == 1


def test_a_last_line_without_end_is_marked():
    found = dpl.parse(text_file(row())[:-1], "dpl.txt")

    assert found.entries[0].marks == ("no_final_line_break",)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", ""),
        (b"\n\n", "empty", ""),
        (text_file(), "no_rows", ""),
        (text_file(row(), header=dpl.COLUMNS[:-1]), "wrong_header", "FR_Citation"),
        (text_file(row()).replace(b"Action", b"Reason"), "wrong_header", "Reason"),
        (b"a\tb\n1\t2\n", "missing_header", "Street_Address"),
        (text_file(row()).replace(b"\t", b","), "missing_header", "tabs"),
        (text_file(row(), row(Name="B"))[:-60], "cut_off", "3"),
        (text_file(row()) + b'"A"\t"B"\n', "cut_off", "line 3"),
        (text_file(row()).replace(b"TROMSO", b"TROMS\xd8"), "not_utf8", "line 2"),
        (text_file(row()).replace(b"TROMSO", b"TROMS\0"), "nul_bytes", "line 2"),
        (b"PK\x03\x04", "not_text", "ZIP"),
    ],
)
def test_a_file_that_is_no_whole_list_is_refused(data, code, words):
    refused = refusal(data)

    assert refused.code == code
    assert words in refused.message


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_list_raises_nothing_but_a_refusal(data):
    whole = text_file(row(), row(Name="B"), row(City="OSLO"))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    damaged = whole[:start] + data.draw(st.binary(max_size=20)) + whole[end:]

    try:
        found = dpl.parse(damaged, "dpl.txt")
    except RefusedFile:
        return
    assert len(found.entries) == len(found.lines)


def test_a_cell_of_ten_megabytes_is_reported_and_left_out():
    found = read(row(), row(Name="A" * 10_000_000), row(City="OSLO"))

    assert found.problem_counts == {"broken_quotes": 1}
    assert len(found.entries) == 1


@needs_shared
@pytest.mark.parametrize(
    ("day", "rows", "repeated", "entries"),
    [("2019-06", 546, 3, 417), ("2022-09", 581, 2, 461), ("2023-11", 665, 2, 549)],
)
def test_every_row_of_the_real_lists_is_accounted_for(day, rows, repeated, entries):
    data = gzip.decompress((SHARED / "other_lists" / f"bis_dpl_{day}.txt.gz").read_bytes())

    found = dpl.parse(data, "dpl.txt")

    assert sum(len(entry.addresses) for entry in found.entries) == rows - repeated
    assert found.problem_counts.get("repeated_row") == repeated
    assert (len(found.entries), found.unreadable) == (entries, ())


@needs_shared
def test_every_defect_of_the_real_list_of_2019_is_counted():
    data = gzip.decompress((SHARED / "other_lists" / "bis_dpl_2019-06.txt.gz").read_bytes())

    assert dpl.parse(data, "dpl.txt").problem_counts == {
        "citations_differ": 12,
        "missing_country": 8,
        "unread_citation": 5,
        "repeated_row": 3,
        "unknown_country": 1,
        "no_final_line_break": 1,
    }


@needs_shared
def test_the_sample_of_the_old_layout_loads_but_for_its_two_bad_rows():
    found = dpl.parse((SHARED / "source_formats" / "dpl__dpl.txt").read_bytes(), "dpl.txt")

    assert len(found.entries) == 8
    assert [(problem.line, problem.code) for problem in found.unreadable] == [
        (2, "empty_row"),
        (3, "wrong_field_count"),
    ]
