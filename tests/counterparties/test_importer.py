"""Counterparty files: bytes to rows, each bad one with its line and cause."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.core.errors import Invalid
from compliance.counterparties import importer
from compliance.counterparties.importer import COLUMNS

HEADER = ",".join(COLUMNS)


def read(body: str, header: str = HEADER) -> list[importer.Row]:
    text = importer.text_of(f"{header}\n{body}".encode(), "parties.csv")
    importer.check_header(text, "parties.csv")
    return list(importer.rows(text))


def test_a_good_row_gives_the_values_of_a_record():
    row = read('A-1,Alder Optics,"Alder|奥尔德光学",cn,"1 Pine Road|2 Oak Road",Customer,lei:5493|uscc:9133\n')[0]

    assert row.cause == ""
    assert row.values == {
        "name": "Alder Optics",
        "other_names": [{"text": "Alder", "kind": "trading"}, {"text": "奥尔德光学", "kind": "other_script"}],
        "addresses": [{"text": "1 Pine Road", "country": "CN"}, {"text": "2 Oak Road", "country": "CN"}],
        "identifiers": [{"kind": "lei", "value": "5493"}, {"kind": "uscc", "value": "9133"}],
        "country": "CN",
        "relation": "customer",
    }


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("A-1,Alder\n", "it has 2 fields, the header 7"),
        (",Alder,,,,,\n", "external_id is empty"),
        ("A-1,,,,,,\n", "name is empty"),
        ("A-1,Alder,,CHN,,,\n", "not an ISO 3166"),
        ("A-1,Alder,,,,friend,\n", "not one of customer"),
        ("A-1,Alder,,,,,12345\n", "not written as kind:value"),
        (f"A-1,{'A' * 401},,,,,\n", "at most 400 fit"),
    ],
)
def test_a_bad_row_is_refused_with_its_cause(body, cause):
    row = read(body)[0]

    assert row.values is None
    assert cause in row.cause
    assert row.line == 2


def test_a_bad_row_does_not_stop_the_good_ones_after_it():
    rows = read("A-1,,,,,,\nA-2,Birch,,,,,\n")

    assert [row.values is None for row in rows] == [True, False]


def test_the_second_row_of_one_id_is_refused_and_names_the_first():
    rows = read("A-1,Alder,,,,,\nA-2,Birch,,,,,\nA-1,Cedar,,,,,\n")

    assert rows[2].cause == "the same external_id stands in line 2"


def test_lines_are_those_of_the_file_even_after_a_quoted_line_break():
    rows = read('A-1,Alder,,,"1 Pine Road\nHarbin",,\nA-2,,,,,,\n')

    assert [row.line for row in rows] == [2, 4]
    assert rows[0].values["addresses"] == [{"text": "1 Pine Road Harbin", "country": ""}]


def test_a_quote_that_never_closes_is_refused_and_said_so():
    rows = read('A-1,Alder,,,,,\nA-2,"Birch,,,,,\nA-3,Cedar,,,,,\n')

    assert rows[0].values is not None
    assert rows[-1].cause.startswith("the quotes don't match")


def test_columns_may_stand_in_any_order():
    row = read("Alder Optics,A-1,,,,,\n", header="name,external_id,other_names,country,address,relation,identifiers")[0]

    assert (row.external_id, row.values["name"]) == ("A-1", "Alder Optics")


def test_a_byte_order_mark_is_no_fault():
    data = f"\ufeff{HEADER}\nA-1,Alder,,,,,\n".encode()

    importer.check_header(importer.text_of(data, "f.csv"), "f.csv")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("external_id;name;other_names", "the header is not ours"),
        (HEADER + ",phone", "not known: phone"),
        (HEADER.replace("country,", ""), "missing: country"),
        (HEADER + ",name", "a column stands twice"),
        ('"external_id" ,name', "can't be read"),
        ("x" * 200_000, "can't be read"),
    ],
)
def test_a_file_with_another_header_is_refused_whole(header, words):
    with pytest.raises(Invalid, match=words):
        read("A-1,Alder,,,,,\n", header=header)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  \n ", "is empty"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (f"{HEADER}\nA-1,Stra\xdfe,,,,,".encode("latin-1"), "line 2: byte 0xdf is not UTF-8"),
        (f"{HEADER}\nA-1,Al\x00der,,,,,".encode(), "line 2: a NUL byte"),
    ],
)
def test_a_file_in_a_wrong_encoding_is_refused_with_its_line(data, words):
    with pytest.raises(Invalid, match=words):
        importer.text_of(data, "parties.csv")


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused_in_words(data):
    sentence = "f.csv"
    try:
        text = importer.text_of(data, "f.csv")
        importer.check_header(text, "f.csv")
        list(importer.rows(text))
    except Invalid as refusal:
        sentence = refusal.sentence

    assert sentence.startswith("f.csv")


@given(st.text(max_size=300))
@settings(deadline=None)
def test_whatever_follows_the_header_every_row_is_good_or_has_a_cause(body):
    data = f"{HEADER}\n{body}".encode("utf-8", "replace")
    try:
        text = importer.text_of(data, "f.csv")
    except Invalid:
        return
    for row in importer.rows(text):
        assert (row.values is None) == bool(row.cause)
        assert row.line >= 2


PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="|:"), min_size=1, max_size=30
)


@given(
    st.lists(st.tuples(PLAIN, PLAIN, st.lists(PLAIN, max_size=3, unique=True)), max_size=8, unique_by=lambda r: r[0])
)
@settings(deadline=None)
def test_what_a_csv_writer_wrote_comes_back_whole(records):
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for external_id, name, others in records:
        writer.writerow([external_id, name, "|".join(others), "CN", "", "customer", ""])
    text = importer.text_of(out.getvalue().encode(), "f.csv")

    found = [
        (row.external_id, row.values["name"], [o["text"] for o in row.values["other_names"]])
        for row in importer.rows(text)
    ]

    assert found == records
