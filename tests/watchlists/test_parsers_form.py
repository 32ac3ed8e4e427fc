"""The CSV form of our own: what a row gives, that the template is no data, and that faults name row and cure."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, ListedEntry, ParsedList, RefusedFile, form
from compliance.watchlists.parsers.base import FORM_LISTS
from compliance.watchlists.parsers.form import COLUMN_HELP, COLUMNS, EFFECT_CODES, REQUIRED_COLUMNS

SOUND = {"list": "OWN", "name": "Kestrel Ltd", "source": "Letter 7", "source_date": "2024-07-10"}


def form_file(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parse(data: bytes) -> ParsedList:
    return form.parse(data, "form.csv")


def one(**cells: str) -> ListedEntry:
    (entry,) = parse(form_file(SOUND | cells)).entries
    return entry


# What a row gives


def test_a_row_gives_its_fields():
    entry = one(
        list="INF",
        aliases="Kestrel; KST",
        kind="organization",
        identifiers="91330000123456789X, USCC",
        effect="license_required",
        license_requirement="All items",
        license_policy="Presumption of denial",
        citation="Letter of BIS",
        start_date="2024-07-11",
        end_date="2026-07-11",
        remarks="Read the letter.",
        source_url="https://www.example.com/7",
    )

    assert (entry.list_code, entry.name, entry.aliases) == ("INF", "Kestrel Ltd", ("Kestrel", "KST"))
    assert (entry.kind, entry.effect) == ("organization", "license_required")
    assert (entry.identifiers, entry.citation) == (("91330000123456789X, USCC",), "Letter of BIS")
    assert (entry.license_requirement, entry.license_policy) == ("All items", "Presumption of denial")
    assert (entry.start_date, entry.end_date) == ("2024-07-11", "2026-07-11")
    assert entry.remarks == "Read the letter.\nSource: Letter 7, 2024-07-10."
    assert (entry.source_list_url, entry.marks) == ("https://www.example.com/7", ())


def test_only_four_columns_are_needed():
    found = parse(form_file(SOUND, columns=REQUIRED_COLUMNS))

    assert found.form == "whole"
    assert found.entries == (ListedEntry("OWN", "Kestrel Ltd", remarks="Source: Letter 7, 2024-07-10."),)


def test_no_start_date_is_guessed_from_the_source():
    assert one().start_date == ""


@pytest.mark.parametrize(
    ("addresses", "country", "expected"),
    [
        ("1 Mill Road, Kent (GB)", "", (ListedAddress("1 Mill Road, Kent", "GB"),)),
        (
            "1 Mill Road; 2 Mill Road (FR)",
            "GB",
            (ListedAddress("1 Mill Road", "GB"), ListedAddress("2 Mill Road", "FR")),
        ),
        ("1 Mill Road (Annex)", "", (ListedAddress("1 Mill Road (Annex)", ""),)),
        ("", "CN", (ListedAddress("CN", "CN"),)),
        ("", "China; Hong Kong", (ListedAddress("CN", "CN"), ListedAddress("HK", "HK"))),
        ("", "", ()),
    ],
)
def test_the_country_is_the_code_behind_an_address_or_that_of_the_row(addresses, country, expected):
    assert one(addresses=addresses, country=country).addresses == expected


@pytest.mark.parametrize("code", FORM_LISTS)
def test_each_list_of_the_form_is_accepted(code):
    assert one(list=code.lower()).list_code == code


@pytest.mark.parametrize("code", EFFECT_CODES)
def test_each_effect_is_accepted(code):
    assert one(effect=code).effect == code


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_comma_and_semicolon_and_a_byte_order_mark_make_no_difference(delimiter, mark):
    data = mark + form_file(SOUND | {"aliases": "A; B", "remarks": "x, y"}, delimiter=delimiter)

    assert parse(data).entries == (one(aliases="A; B", remarks="x, y"),)


def test_column_names_may_differ_in_case_and_order():
    data = form_file(SOUND, columns=tuple(reversed(COLUMNS)))

    assert parse(data.replace(b"name", b" Name ")).entries == (one(),)


def test_empty_lines_are_no_rows():
    found = parse(form_file(SOUND) + b"\n" + b"," * (len(COLUMNS) - 1) + b"\n")

    assert (len(found.entries), found.problems) == (1, ())


def test_formulas_stay_text():
    assert one(name="=cmd|'/c calc'!A1").name == "=cmd|'/c calc'!A1"


# The template


def test_the_template_has_every_column_and_an_example_for_each_list():
    rows = list(csv.DictReader(io.StringIO(form.template().decode("utf-8-sig"), newline="")))

    assert tuple(rows[0]) == COLUMNS
    assert tuple(row["list"] for row in rows) == FORM_LISTS


def test_the_template_is_never_loaded_as_data():
    with pytest.raises(RefusedFile, match="example rows of the template and no party"):
        form.parse(form.template(), "template.csv")


def test_an_example_row_left_beside_a_party_is_not_loaded():
    found = parse(form_file(SOUND, SOUND | {"name": "EXAMPLE Trading"}))

    assert [entry.name for entry in found.entries] == ["Kestrel Ltd"]
    assert found.problem_counts == {"example_row": 1}


def test_the_examples_of_the_template_are_sound_but_for_their_name():
    found = parse(form.template().replace(b"EXAMPLE ", b""))

    assert (len(found.entries), found.problems) == (len(FORM_LISTS), ())


def test_every_column_has_its_help():
    assert set(COLUMN_HELP) == set(COLUMNS)
    assert all(sentence.endswith(".") for sentence in COLUMN_HELP.values())


# What is unreadable


@pytest.mark.parametrize(
    ("cells", "code", "words"),
    [
        ({"name": ""}, "missing_value", "“name”"),
        ({"list": ""}, "missing_value", "“list”"),
        ({"source": " "}, "missing_value", "“source”"),
        ({"source_date": ""}, "missing_value", "“source_date”"),
        ({"list": "EL"}, "unknown_code", "Use one of UFLPA, 1260H, 889, INF, OWN"),
        ({"kind": "firm"}, "unknown_code", "Use one of person, organization"),
        ({"effect": "blocked"}, "unknown_code", "Use one of license_required"),
        ({"start_date": "7/10/2024"}, "impossible_date", "Write it as 2024-07-10"),
        ({"source_date": "2024-02-30"}, "impossible_date", "source_date"),
        ({"end_date": "0024-02-03"}, "impossible_date", "end_date"),
        ({"start_date": "2024-02-02", "end_date": "2024-02-01"}, "impossible_date", "ends before it starts"),
        ({"country": "Atlantis"}, "unknown_country", "Atlantis"),
        ({"addresses": "1 Mill Road (QQ)"}, "unknown_country", "(QQ)"),
        ({"addresses": "1 Mill Road", "country": "CN; HK"}, "unknown_country", "does not say in which"),
        ({"source_url": "javascript:alert(1)"}, "bad_url", "https://"),
        ({"name": "EXAMPLE Works"}, "example_row", "Delete the example rows"),
    ],
)
def test_a_row_with_a_fault_is_left_out_with_its_line_and_the_cure(cells, code, words):
    found = parse(form_file(SOUND | cells, SOUND | {"name": "Sound Party"}))

    assert [entry.name for entry in found.entries] == ["Sound Party"]
    (problem,) = found.unreadable
    assert (problem.line, problem.code) == (2, code)
    assert problem.message.startswith("Line 2 ")
    assert words in problem.message


def test_a_row_given_twice_is_loaded_once_and_reported():
    found = parse(form_file(SOUND, SOUND))

    assert len(found.entries) == 1
    assert [(problem.line, problem.code) for problem in found.unreadable] == [(3, "repeated_row")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"OWN,Kestrel\n", "wrong_field_count"),
        (b'OWN,"K"x\n', "broken_quotes"),
        (b"x" * 200_000 + b"\n", "broken_quotes"),
    ],
)
def test_a_line_that_is_no_row_is_reported(line, code):
    found = parse(form_file(SOUND) + line)

    assert [(problem.line, problem.code) for problem in found.unreadable] == [(3, code)]


def test_letters_lost_in_saving_are_marked():
    assert one(aliases="????").marks == ("lost_letters",)


# What is refused whole


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (form_file(), "no_rows", "no row"),
        (form_file(SOUND).replace(b"remarks", b"comments"), "wrong_header", "has the unknown “comments”"),
        (form_file(SOUND).replace(b"source_date", b"remarks"), "wrong_header", "lacks “source_date”; it repeats"),
        (form_file(SOUND).replace(b"Letter 7", b'"Letter 7'), "cut_off", "line 2"),
        (form_file(SOUND | {"name": "José"}).decode().encode("latin-1"), "not_utf8", "line 2"),
        (form_file(SOUND).replace(b"Kestrel", b"K\0"), "nul_bytes", "line 2"),
        (b'{"list": []}', "not_csv", "JSON"),
        (b"PK\x03\x04" + bytes(40), "not_text", "Excel"),
        (b'"list', "wrong_header", "cannot be read"),
    ],
)
def test_a_file_that_is_not_the_form_is_refused_with_a_sentence(data, code, words):
    with pytest.raises(RefusedFile, match=words) as caught:
        parse(data)

    assert caught.value.code == code


GOOD = form_file(SOUND | {"addresses": "1 Road (CN)", "aliases": "A; B"}, SOUND | {"name": "Other", "kind": "person"})


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


CELLS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(st.sampled_from(COLUMNS[1:]), CELLS))
def test_whatever_a_cell_holds_its_row_is_loaded_or_reported(cells):
    found = parse(form_file(SOUND | cells))

    assert len(found.entries) + len(found.unreadable) == 1
