"""The Consolidated Screening List as JSON gives the entries and marks that the CSV of the same list gives."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import ParsedList, RefusedFile, csl_json, parse, unpack
from compliance.watchlists.parsers.csl import COLUMNS, OFFICIAL_HEADER

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "csl"
needs_real_lists = pytest.mark.skipif(not SHARED.is_dir(), reason="the real lists (../shared/data) are not here")

EL = "Entity List (EL) - Bureau of Industry and Security"
SDN = "Specially Designated Nationals (SDN) - Treasury Department"

# Each record as JSON, and the cells of the CSV that print the same.
TWINS: list[tuple[dict[str, Any], dict[str, str]]] = [
    (
        {
            "id": "k1",
            "source": EL,
            "name": "Kestrel Optics",
            "alt_names": ["KO", "and Kestrel Works"],
            "addresses": [
                {"address": "Room 1, Mill Road", "city": "Shanghai", "postal_code": "200030", "country": "CN"},
                {"address": None, "city": None, "state": None, "postal_code": None, "country": "HK"},
            ],
            "federal_register_notice": "84 FR 54002",
            "start_date": "2019-10-09",
            "license_requirement": "For all items subject to the EAR",
            "license_policy": "Presumption of denial",
        },
        {
            "_id": "k1",
            "source": EL,
            "name": "Kestrel Optics",
            "alt_names": "KO; and Kestrel Works",
            "addresses": "Room 1, Mill Road, Shanghai, 200030, CN; HK",
            "federal_register_notice": "84 FR 54002",
            "start_date": "2019-10-09",
            "license_requirement": "For all items subject to the EAR",
            "license_policy": "Presumption of denial",
        },
    ),
    (
        {
            "id": "901",
            "source": SDN,
            "entity_number": 901,
            "type": "Individual",
            "programs": ["SDGT", "SYRIA"],
            "name": "KESTREL, Ivo",
            "title": "Major General",
            "alt_names": None,
            "addresses": None,
            "ids": [
                {"type": "Passport", "number": "X123456", "country": "PK", "issue_date": "2008-09-09",
                 "expiration_date": "2013-09-09"},
                {"type": "Gender", "number": "Male", "country": None, "issue_date": None, "expiration_date": None},
            ],
            "citizenships": ["PK"],
            "nationalities": ["PK", "AF"],
            "dates_of_birth": ["1979-08-01", "circa 1980"],
            "places_of_birth": ["Quetta, Pakistan"],
        },
        {
            "_id": "901",
            "source": SDN,
            "entity_number": "901",
            "type": "Individual",
            "programs": "SDGT; SYRIA",
            "name": "KESTREL, Ivo",
            "title": "Major General",
            "ids": "PK, 2013-09-09, 2008-09-09, X123456, Passport; Male, Gender",
            "citizenships": "PK",
            "nationalities": "PK; AF",
            "dates_of_birth": "1979-08-01; circa 1980",
            "places_of_birth": "Quetta, Pakistan",
        },
    ),
    (
        {"id": "k1", "source": EL, "name": "People?s Works", "start_date": "0097-06-30", "addresses": []},
        {"_id": "k1", "source": EL, "name": "People?s Works", "start_date": "0097-06-30"},
    ),
    (
        {"source": SDN, "entity_number": "77", "type": "Vessel", "name": "KESTREL I", "call_sign": "9HMK9",
         "vessel_flag": "Iran", "gross_tonnage": 1200, "alt_names": [None, ""], "addresses": []},
        {"source": SDN, "entity_number": "77", "type": "Vessel", "name": "KESTREL I", "call_sign": "9HMK9",
         "vessel_flag": "Iran", "gross_tonnage": "1200"},
    ),
]  # fmt: skip


def bulk(*records: Any, **more: Any) -> bytes:
    return json.dumps(
        {"total": len(records), "sources_used": [{"source": EL}], "results": list(records)} | more
    ).encode()


def csv_file(*rows: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(*records: Any) -> ParsedList:
    return parse("csl", bulk(*records), "consolidated.json")


SOUND = TWINS[0][0]


def test_the_json_twin_of_a_csv_gives_equal_entries_and_marks():
    from_json = read(*(record for record, _ in TWINS))
    from_csv = parse("csl", csv_file(*(cells for _, cells in TWINS)), "list.csv")

    assert from_json.entries == from_csv.entries
    assert from_json.problem_counts == from_csv.problem_counts
    assert {mark for entry in from_json.entries for mark in entry.marks} >= {
        "stray_and",
        "lost_letters",
        "duplicated_id",
    }


def test_the_parser_of_the_json_can_be_called_by_itself():
    assert csl_json.parse(bulk(SOUND), "consolidated.json") == read(SOUND)


def test_a_bare_list_of_records_loads_too():
    assert parse("csl", json.dumps([SOUND]).encode(), "list.json").entries == read(SOUND).entries


def test_each_record_knows_its_line():
    data = json.dumps({"results": [SOUND, SOUND | {"id": "k2"}]}, indent=1).encode()

    found = parse("csl", data, "list.json")

    assert found.lines == (3, 3 + json.dumps(SOUND, indent=1).count("\n") + 1)


def test_a_country_beside_the_addresses_stands_for_them():
    assert read(SOUND | {"addresses": [], "country": "CN"}).entries[0].countries == ("CN",)


def test_a_file_in_one_line_names_the_record_too():
    found = read(SOUND, SOUND | {"name": " "})

    assert found.unreadable[0].message.startswith("Line 1 (result 2) has no name")


@needs_real_lists
def test_the_real_list_of_2022_written_as_json_gives_the_same_entries():
    data = unpack((SHARED / "csl_2022-04-21_full.csv.gz").read_bytes())
    records = [
        {name: cell.split("; ") if name in ("programs", "alt_names", "addresses", "ids") and cell else cell or None
         for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(data.decode(), newline=""))
    ]  # fmt: skip

    found = read(*records)

    assert tuple(records[0]) == tuple(OFFICIAL_HEADER.split(","))
    assert found.entries == parse("csl", data, "list.csv").entries


# What is unreadable


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (SOUND | {"source": "Naughty List (NL)"}, "unknown_source"),
        (SOUND | {"name": ""}, "no_name"),
        (SOUND | {"name": {"first": "A"}}, "wrong_type"),
        (SOUND | {"name": True}, "wrong_type"),
        (SOUND | {"alt_names": [["A"]]}, "wrong_type"),
        (SOUND | {"alt_names": [{"name": "A"}]}, "wrong_type"),
        (SOUND | {"addresses": [{"street": "A"}]}, "wrong_type"),
        (SOUND | {"addresses": [{"address": ["A"]}]}, "wrong_type"),
        (SOUND | {"name": "x" * 10_000_000}, "wrong_type"),
        (SOUND | {"name": "A\0"}, "bad_json"),
        (SOUND | {"name": "A\ud800"}, "bad_json"),
        (SOUND | {"name": float("nan")}, "bad_json"),
        (["a"], "wrong_type"),
        (None, "wrong_type"),
    ],
)
def test_a_record_that_cannot_be_read_is_reported_and_the_rest_is_loaded(record, code):
    found = read(SOUND, record, SOUND | {"id": "k2"})

    assert [problem.code for problem in found.unreadable] == [code]
    assert len(found.entries) == 2


def test_a_key_given_twice_in_a_record_is_unreadable():
    data = bulk(SOUND, SOUND).replace(b'"id"', b'"name": "Other", "id"', 1)

    found = parse("csl", data, "list.json")

    assert [problem.code for problem in found.unreadable] == ["bad_json"]
    assert "“name” twice" in found.unreadable[0].message


# What is refused whole


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b'{"form": "entity-desk-rule", "form_version": 1}', "not_csv", "Load a rule with the key “rule”"),
        (b'{"form_version": 1, "add": []}', "not_csv", "rule"),
        (b'{"title": "x"}', "not_csv", "no “results”"),
        (b'{"results": []}', "no_rows", "no result"),
        (b"[]", "no_rows", "no result"),
        (b'{"results": {}}', "not_csv", "no “results”"),
        (bulk(SOUND, total=2), "cut_off", "says it holds 2 records and holds 1"),
        (bulk(SOUND)[:-1], "cut_off", "line 1"),
        (bulk(SOUND)[:200], "cut_off", "line 1"),
        (bulk(SOUND) + b"x", "not_json", "more after the list"),
        (b'{"results": [{},]}', "not_json", "line 1"),
        (b'{"results": [{}] "a": 1}', "not_json", "should stand here"),
        (b'{"results": [{"name": ' + b"[" * 100_000, "not_json", "too deep"),
        (b"[" * 100_000, "not_json", "too deep"),
        (bulk(SOUND | {"aliases": ["A"]}), "wrong_header", "aliases"),
        (bulk({"source": EL, "name": "A", "addresses": []}), "wrong_header", "alt_names"),
        (b'{"results": [], "results": []}', "repeated_key", "twice"),
        (bulk(SOUND).replace(b"Kestrel", b"K\0"), "nul_bytes", "line 1"),
        (bulk(SOUND).replace(b"Kestrel", b"K\xff"), "not_utf8", "line 1"),
    ],
)
def test_a_file_that_is_no_whole_list_is_refused_with_a_sentence(data, code, words):
    with pytest.raises(RefusedFile, match=words) as caught:
        parse("csl", data, "list.json")

    assert caught.value.code == code


def test_a_number_of_any_length_is_kept_as_its_text():
    data = bulk(SOUND | {"entity_number": 7}).replace(b'"entity_number": 7', b'"entity_number": ' + b"7" * 10_000)

    assert parse("csl", data, "list.json").entries[0].entity_number == "7" * 10_000


GOOD = bulk(*(record for record, _ in TWINS))


@given(st.binary(max_size=200), st.sampled_from([b"{", b"[", b'{"results": [']))
def test_any_bytes_after_the_first_sign_are_refused(data, start):
    with pytest.raises(RefusedFile):
        parse("csl", start + data, "any")


@given(st.data())
def test_a_mutated_file_is_read_or_refused_and_nothing_else(data):
    at = data.draw(st.integers(0, len(GOOD)))
    until = data.draw(st.integers(at, min(len(GOOD), at + 40)))
    try:
        found = csl_json.parse(GOOD[:at] + data.draw(st.binary(max_size=20)) + GOOD[until:], "any")
    except RefusedFile:
        return
    assert len(found.entries) == len(found.lines)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(COLUMNS), JSON_VALUES)
def test_a_field_of_any_type_is_read_or_reported(column, value):
    found = read(SOUND, SOUND | {column: value})

    assert len(found.entries) + len(found.unreadable) == 2


@given(st.integers(1, len(GOOD) - 1))
def test_a_file_cut_anywhere_is_refused(at):
    with pytest.raises(RefusedFile):
        csl_json.parse(GOOD[:at], "cut")
