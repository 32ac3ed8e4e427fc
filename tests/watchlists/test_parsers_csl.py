"""The Consolidated Screening List CSV: what loads, what is marked, what is reported, what is refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import (
    CSL_LISTS,
    ListedAddress,
    ListedEntry,
    ParsedList,
    RefusedFile,
    csl_record,
    parse,
    unpack,
)
from compliance.watchlists.parsers.csl import COLUMNS, OFFICIAL_HEADER, list_code_of

EL = "Entity List (EL) - Bureau of Industry and Security"
SDN = "Specially Designated Nationals (SDN) - Treasury Department"
DPL = "Denied Persons List (DPL) - Bureau of Industry and Security"


def row(**cells: str) -> dict[str, str]:
    """A sound Entity List row, with the given cells in place of its own."""
    sound = {
        "_id": "1",
        "source": EL,
        "name": "Yitu Technologies",
        "addresses": "Shanghai, CN",
        "federal_register_notice": "84 FR 54002",
        "start_date": "2019-10-09",
        "license_requirement": "For all items subject to the EAR",
        "license_policy": "Presumption of denial",
    }
    return dict.fromkeys(COLUMNS, "") | sound | cells


def csv_file(*rows: dict[str, str], header: str = OFFICIAL_HEADER) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header.split(","), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(*rows: dict[str, str]) -> ParsedList:
    return parse("csl", csv_file(*rows), "list.csv")


def read_one(**cells: str) -> ListedEntry:
    (entry,) = read(row(**cells)).entries
    return entry


def refusal(data: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        parse("csl", data, "list.csv")
    return caught.value


# What loads


def test_a_row_gives_its_fields():
    entry = read_one(alt_names="Yitu; Shanghai Yitu", addresses="Room 1, Shanghai, CN; HK", remarks=" Note ")

    assert entry.list_code == "EL"
    assert entry.aliases == ("Yitu", "Shanghai Yitu")
    assert entry.addresses == (ListedAddress("Room 1, Shanghai, CN", "CN"), ListedAddress("HK", "HK"))
    assert entry.countries == ("CN", "HK")
    assert (entry.citation, entry.start_date, entry.remarks) == ("84 FR 54002", "2019-10-09", "Note")
    assert entry.marks == ()


def test_the_layout_without_id_loads_too():
    data = csv_file(row(), header=OFFICIAL_HEADER.removeprefix("_id,"))

    assert len(parse("csl", data, "old.csv").entries) == 1


def test_columns_are_found_by_name_in_any_order():
    data = csv_file(row(), header=",".join(reversed(OFFICIAL_HEADER.split(","))))

    assert parse("csl", data, "list.csv").entries[0].name == "Yitu Technologies"


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + csv_file(row()), gzip.compress(csv_file(row()))])
def test_byte_order_mark_and_gzip_make_no_difference(data):
    assert parse("csl", data, "list.csv").entries == read(row()).entries


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_endings_make_no_difference(ending):
    data = csv_file(row(), row(_id="2", name="Megvii")).replace(b"\n", ending.encode())

    found = parse("csl", data, "list.csv")

    assert found.lines == (2, 3)
    assert [entry.name for entry in found.entries] == ["Yitu Technologies", "Megvii"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (EL, "EL"),
        (DPL, "DPL"),
        ("Unverified List (UVL) - Bureau of Industry and Security", "UVL"),
        ("Military End User (MEU) List - Bureau of Industry and Security", "MEU"),
        (SDN, "SDN"),
        ("Sectoral Sanctions Identifications List (SSI) - Treasury Department", "SSI"),
        ("Foreign Sanctions Evaders (FSE) - Treasury Department", "FSE"),
        ("Palestinian Legislative Council List (PLC) - Treasury Department", "PLC"),
        ("Capta List (CAP) - Treasury Department", "CAP"),
        ("ITAR Debarred (DTC) - State Department", "DTC"),
        ("Nonproliferation Sanctions (ISN) - State Department", "ISN"),
        ("Non-SDN Chinese Military-Industrial Complex Companies List (CMIC) - Treasury Department", "CMIC"),
        ("Non-SDN Menu-Based Sanctions List (NS-MBS List) - Treasury Department", "MBS"),
        ("Entity List - Bureau of Industry and Security", "EL"),
        ("Military End User (MEU) List", "MEU"),
        ("Entities of Concern (EOC) - Some Department", ""),
        ("", ""),
    ],
)
def test_source_names_the_list(source, code):
    assert list_code_of(source) == code


def test_every_list_has_a_source_text():
    assert set(CSL_LISTS) == set(csl_record._LIST_NAMES.values())


@pytest.mark.parametrize(
    ("cell", "aliases", "marks"),
    [
        ("A; B; and C", ("A", "B", "C"), ("stray_and",)),
        ("A; and B", ("A", "B"), ("stray_and",)),
        ("HPSTAR; and; Beijing Center", ("HPSTAR", "Beijing Center"), ("lone_and",)),
        ("TEMP-AVIA; and", ("TEMP-AVIA",), ("lone_and",)),
        ("Shangtang Co., Ltd., and Sense Time", ("Shangtang Co., Ltd.", "Sense Time"), ("stray_and",)),
        ("Research, Development, and Sales Institute", ("Research, Development, and Sales Institute",), ()),
        ("Huawei Co., Ltd.; Design and Build, Inc.", ("Huawei Co., Ltd.", "Design and Build, Inc."), ()),
        ("and Partners LLC", ("and Partners LLC",), ()),
        ("A;  B;A", ("A", "B;A"), ()),
        ("A; A; ", ("A",), ()),
    ],
)
def test_aliases_are_split_at_semicolons_and_rid_of_a_stray_and(cell, aliases, marks):
    entry = read_one(alt_names=cell)

    assert entry.aliases == aliases
    assert entry.marks == marks


@pytest.mark.parametrize(
    ("cell", "countries"),
    [
        ("CN", ["CN"]),
        ("58 Yongding Road, Beijing, China; and 90 Dianzi Road, Xian, China, CN", ["CN", "CN"]),
        ("Kowloon, Hong Kong", ["HK"]),
        ("P.O. BOX 3000, ANTHONY, NM, 88201", [""]),
        ("GUADALAJARA S.A. DE C.V.", [""]),
        ("Somewhere, ZZ", [""]),
    ],
)
def test_the_country_is_the_one_printed_at_the_end(cell, countries):
    assert [address.country for address in read_one(addresses=cell).addresses] == countries


def test_vessel_facts_and_identifiers_are_kept():
    entry = read_one(source=SDN, type="Vessel", entity_number="15004", vessel_flag="Iran", call_sign="9HMK9",
                     ids="IMO 9187629, Vessel Registration Identification; 572469210, MMSI")  # fmt: skip

    assert entry.kind == "vessel"
    assert entry.vessel == (("call_sign", "9HMK9"), ("vessel_flag", "Iran"))
    assert len(entry.identifiers) == 2


def test_formulas_stay_text():
    assert read_one(name="=cmd|'/c calc'!A1").name == "=cmd|'/c calc'!A1"


def test_lines_are_physical_lines_though_cells_hold_line_breaks():
    found = read(row(addresses="Room 1\nFloor 2, CN"), row(_id="2", name=""), row(_id="3", name="Megvii"))

    assert found.lines == (2, 5)
    assert [(problem.line, problem.code) for problem in found.problems] == [(2, "line_break"), (4, "no_name")]


# What is loaded and marked


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"name": "People?s Bank"}, "lost_letters"),
        ({"addresses": "Xi?an, CN"}, "lost_letters"),
        ({"name": "Jos\ufffd Gil"}, "replacement_character"),
        ({"name": "Gui\x92an Works"}, "control_character"),
        ({"name": "JosÃ© Gil"}, "wrong_letters"),
        ({"start_date": ""}, "missing_date"),
        ({"start_date": "0097-06-30"}, "impossible_date"),
        ({"start_date": "2019-02-30"}, "impossible_date"),
        ({"end_date": "never"}, "impossible_date"),
        ({"federal_register_notice": ""}, "missing_citation"),
        ({"license_policy": " "}, "missing_policy"),
        ({"license_requirement": ""}, "missing_requirement"),
        ({"type": "Submarine"}, "unknown_type"),
        ({"name": "Two\nLines"}, "line_break"),
        ({"addresses": "A Road, CN; and B Road, CN"}, "stray_and_in_address"),
        ({"source": SDN, "entity_number": ""}, "missing_entity_number"),
    ],
)
def test_a_damaged_row_is_loaded_marked_and_reported_with_its_line(cells, code):
    found = read(row(**cells))

    assert found.entries[0].marks == (code,)
    (problem,) = found.problems
    assert (problem.line, problem.code, problem.severity) == (2, code, "damaged")
    assert problem.message.startswith("Line 2 ")


def test_an_impossible_date_is_unknown_beside_its_raw_text():
    entry = read_one(start_date="0017-05-26")

    assert (entry.start_date, entry.start_date_raw) == ("", "0017-05-26")


def test_a_date_in_american_order_is_read():
    assert read_one(start_date="10/9/2019").start_date == "2019-10-09"


def test_only_the_entity_list_must_have_a_start_date():
    assert read(row(source=DPL, start_date="", federal_register_notice="")).problems == ()


def test_a_repeated_id_is_marked_and_both_rows_stay():
    found = read(row(), row(name="Megvii"))

    assert len(found.entries) == 2
    assert "same _id as line 2" in found.problems[0].message
    assert found.entries[1].marks == ("duplicated_id",)


def test_a_last_line_without_line_break_is_marked():
    found = parse("csl", csv_file(row()).rstrip(b"\n"), "list.csv")

    assert found.entries[0].marks == ("no_final_line_break",)


# What is reported as unreadable


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("only,three,fields", "wrong_field_count"),
        ("x," * 40, "wrong_field_count"),
        (OFFICIAL_HEADER, "repeated_header"),
        ('1,"Entity "List" (EL)",,', "broken_quotes"),
    ],
)
def test_a_row_that_cannot_be_read_is_reported_and_the_rest_is_loaded(line, code):
    lines = csv_file(row(), row(_id="2", name="Megvii")).decode().splitlines()
    data = "\n".join([*lines[:2], line, lines[2], ""]).encode()

    found = parse("csl", data, "list.csv")

    assert [entry.name for entry in found.entries] == ["Yitu Technologies", "Megvii"]
    assert found.lines == (2, 4)
    (problem,) = found.unreadable
    assert (problem.line, problem.code) == (3, code)


@pytest.mark.parametrize(
    ("cells", "code"), [({"name": " \n"}, "no_name"), ({"source": "Naughty List (NL)"}, "unknown_source")]
)
def test_a_row_without_name_or_known_list_is_unreadable(cells, code):
    found = read(row(**cells), row(_id="2"))

    assert [problem.code for problem in found.unreadable] == [code]
    assert len(found.entries) == 1


def test_a_cell_beyond_all_measure_is_unreadable_and_does_not_swallow_the_rest():
    found = read(row(remarks="x" * 200_000), row(_id="2", name="Megvii"))

    assert [problem.code for problem in found.unreadable] == ["broken_quotes"]
    assert [entry.name for entry in found.entries] == ["Megvii"]


# What is refused whole


GOOD = csv_file(row(), row(_id="2", name="Megvii"), row(_id="3", name="Dahua"))


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (b" \n\n", "empty", "empty"),
        (csv_file(), "no_rows", "no row"),
        (GOOD.decode().encode("utf-16"), "not_text", "UTF-16"),
        (GOOD.decode().encode("utf-16-le"), "not_text", "UTF-16"),
        (csv_file(row(name="José")).decode().encode("latin-1"), "not_utf8", "in line 2 .* Latin-1"),
        (csv_file(row(name="Guizhou’s")).decode().encode("cp1252"), "not_utf8", "Windows-1252"),
        (GOOD.replace(b"Megvii", b"Meg\0vii"), "nul_bytes", "line 3"),
        (b'{"results": []}', "no_rows", "no result"),
        (b"<!DOCTYPE html><html></html>", "not_csv", "HTML"),
        (b"<?xml version='1.0'?><sdnList/>", "not_csv", "XML"),
        (b"PK\x03\x04" + bytes(40), "not_text", "ZIP"),
        (b"%PDF-1.7 ...", "not_text", "PDF"),
        (GOOD.split(b"\n", 1)[1], "missing_header", "not the column names"),
        (GOOD.replace(b",", b";"), "missing_header", "semicolons"),
        (GOOD.replace(b"alt_names", b"aliases", 1), "wrong_header", "lacks alt_names; it has unknown aliases"),
        (GOOD.replace(b"remarks,", b"remarks,remarks,", 1), "wrong_header", "repeats remarks"),
        (GOOD[:-40], "cut_off", "line 4"),
        (csv_file(row(), row(remarks='a "b" c'))[:-28], "cut_off", "line 3, has"),
        (gzip.compress(GOOD)[:-20], "cut_off_archive", "cut off"),
        (gzip.compress(GOOD)[:60] + bytes(40), "broken_archive", "broken"),
        (gzip.compress(gzip.compress(GOOD)), "not_text", "more than once"),
    ],
)
def test_a_file_that_is_no_whole_list_is_refused_with_a_sentence(data, code, words):
    error = refusal(data)

    assert error.code == code
    with pytest.raises(RefusedFile, match=words):
        raise error


def test_a_quote_never_closed_is_a_cut_off_file_and_names_its_line():
    head, tail = GOOD.rsplit(b"Presumption", 1)
    error = refusal(head + b'"Presumption' + tail)

    assert (error.code, error.line) == ("cut_off", 4)


def test_a_file_of_junk_lines_is_refused_and_does_not_fill_the_memory():
    assert refusal(GOOD + b"x\n" * 20_000 + csv_file(row()).split(b"\n", 1)[1]).code == "too_many_unreadable"


def test_what_unpacks_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("compliance.watchlists.parsers.text.MAX_UNPACKED_BYTES", 1000)

    with pytest.raises(RefusedFile, match="larger than"):
        unpack(gzip.compress(bytes(5000)))


def test_an_unknown_parser_is_refused():
    with pytest.raises(RefusedFile, match="csl, dpl, ecfr744, form, ftm, ofac, rule, uk, un"):
        parse("cls", GOOD, "list.csv")


# Properties

WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=12).filter(
    lambda word: not set(word) & set(";\"'?\ufffdÂÃâ") and word.lower() != "and"
)
names = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
entries = st.builds(
    ListedEntry,
    list_code=st.sampled_from(["EL", "DPL", "UVL"]),
    name=names,
    aliases=st.lists(names, max_size=3, unique=True).map(tuple),
    addresses=st.lists(st.builds(ListedAddress, names, st.sampled_from(["CN", "HK", "RU"])), max_size=3).map(tuple),
    citation=st.sampled_from(["", "84 FR 54002"]),
    start_date=st.dates(min_value=date(1900, 1, 1)).map(str),
    remarks=names,
    identifiers=st.lists(names, max_size=2, unique=True).map(tuple),
)


@given(entries)
def test_an_entry_survives_its_dict_and_json(entry):
    assert ListedEntry.from_dict(json.loads(json.dumps(entry.as_dict()))) == entry


def test_a_dict_with_a_field_no_entry_has_is_an_error():
    with pytest.raises(ValueError, match="colour"):
        ListedEntry.from_dict({"list_code": "EL", "name": "X", "colour": "red"})


@given(st.lists(entries, min_size=1, max_size=8))
def test_entries_written_as_csv_read_back(listed):
    sources = {"EL": EL, "DPL": DPL, "UVL": "Unverified List (UVL) - Bureau of Industry and Security"}
    rows = [
        row(
            _id=str(number),
            source=sources[entry.list_code],
            name=entry.name,
            alt_names="; ".join(entry.aliases),
            addresses="; ".join(f"{address.text}, {address.country}" for address in entry.addresses),
            federal_register_notice=entry.citation,
            start_date=entry.start_date,
            remarks=entry.remarks,
            ids="; ".join(entry.identifiers),
        )
        for number, entry in enumerate(listed)
    ]

    found = read(*rows)

    assert found.unreadable == ()
    for entry, back in zip(listed, found.entries, strict=True):
        assert (back.list_code, back.name, back.start_date) == (entry.list_code, entry.name, entry.start_date)
        assert (back.remarks, back.identifiers) == (entry.remarks, entry.identifiers)
        assert {address.country for address in back.addresses} == {address.country for address in entry.addresses}
        if "stray_and" not in back.marks:
            assert back.aliases == entry.aliases


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    for key in ("csl", "rule"):
        with pytest.raises(RefusedFile):
            parse(key, data, "any")


@given(st.data())
def test_a_mutated_file_is_read_or_refused_and_nothing_else(data):
    at = data.draw(st.integers(0, len(GOOD)))
    until = data.draw(st.integers(at, min(len(GOOD), at + 60)))
    mutated = GOOD[:at] + data.draw(st.binary(max_size=30)) + GOOD[until:]
    try:
        found = parse("csl", mutated, "mutated.csv")
    except RefusedFile:
        return
    assert len(found.entries) == len(found.lines)
    assert list(found.lines) == sorted(found.lines)


@given(st.integers(0, len(GOOD) - 2))
def test_a_file_cut_anywhere_inside_a_row_is_refused_or_marked(at):
    cut = GOOD[:at]
    if cut.endswith(b"\n"):
        return
    try:
        found = parse("csl", cut, "cut.csv")
    except RefusedFile:
        return
    assert "no_final_line_break" in found.problem_counts
