"""OFAC's lists as a ZIP of CSV files: parties, their lists, remarks read, faults by file and line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, ListedEntry, ParsedList, RefusedFile, ofac
from compliance.watchlists.parsers.bundle import pack
from compliance.watchlists.parsers.ofac_facts import date_of_birth, facts_of, identifier
from compliance.watchlists.parsers.ofac_lists import lists_of

Rows = list[tuple[str, ...]]


def primary(
    number: str, name: str, kind: str = "-0- ", program: str = "SDGT", remarks: str = "-0- "
) -> tuple[str, ...]:
    return (number, name, kind, program, *["-0- "] * 7, remarks)


def member(rows: Rows, end: str = "\x1a\r\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return (text.getvalue() + end).encode()


def sdn_files(
    entries: Rows, alts: Rows | None = None, adds: Rows | None = None, comments: Rows | None = None
) -> dict[str, bytes]:
    files = {"sdn.csv": member(entries), "alt.csv": member(alts or []), "add.csv": member(adds or [])}
    return files if comments is None else files | {"sdn_comments.csv": member(comments)}


def read(*args: Rows | None) -> ParsedList:
    return ofac.parse(pack(sdn_files(*args)), "sdn.zip")


def read_cons(*entries: tuple[str, ...]) -> ParsedList:
    files = {"cons_prim.csv": member(list(entries)), "cons_alt.csv": member([]), "cons_add.csv": member([])}
    return ofac.parse(pack(files), "cons.zip")


def refusal(data: bytes, filename: str = "list.zip") -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        ofac.parse(data, filename)
    return caught.value


def test_a_party_is_put_together_from_the_files():
    found = read(
        [
            ("7", "NORTH STAR", "vessel", "DPRK4] [IFSR", "-0- ", "CL1", "Tug", "1,250", "1,300,400", "Cuba", "-0- ",
             "Vessel Registration Identification IMO 9187629; Linked To: NORTH LINE."),
            primary("8", "LIND, Ole", "individual"),
        ],
        [("7", "1", "fka", "SOUTH STAR", "-0- ")],
        [("7", "1", "5 Quay Road", "Havana 10400", "Cuba", "-0- "), ("8", "2", "-0- ", "-0- ", "-0- ", "-0- ")],
    )  # fmt: skip

    assert found.entries[0] == ListedEntry(
        list_code="SDN",
        name="NORTH STAR",
        aliases=("SOUTH STAR",),
        addresses=(ListedAddress("5 Quay Road, Havana 10400, CU", "CU"),),
        kind="vessel",
        entity_number="7",
        programs=("DPRK4", "IFSR"),
        remarks="Vessel Registration Identification IMO 9187629; Linked To: NORTH LINE.",
        identifiers=("IMO 9187629, Vessel Registration Identification",),
        vessel=(
            ("call_sign", "CL1"),
            ("vessel_type", "Tug"),
            ("gross_tonnage", "1250"),
            ("gross_registered_tonnage", "1300400"),
            ("vessel_flag", "Cuba"),
        ),
    )
    assert (found.entries[1].kind, found.entries[1].addresses) == ("person", ())
    assert (found.lines, found.problems, found.edition) == ((1, 2), (), "")


def test_a_party_without_type_is_an_organization():
    assert read([primary("7", "NORTH LINE")]).entries[0].kind == "organization"


def test_remarks_are_read_and_kept_as_printed():
    remarks = (
        "DOB 10 Dec 1948; alt. DOB Sep 1949; POB Tromso, Norway; nationality Iran; alt. nationality Korea, North; "
        "citizen Atlantis; Gender Male; Passport A1 (Egypt) issued 18 Jan 1984 expires 17 Jan 1994; "
        "alt. National ID No. 22 (Jalisco) (Mexico); SWIFT/BIC NORLNO22; Website www.example.org; "
        "a.k.a. 'OLE; THE GREY'; f.k.a. 'O'NEIL'."
    )

    (entry,) = read([primary("8", "LIND, Ole", "individual", remarks=remarks)]).entries

    assert entry.remarks == remarks
    assert entry.dates_of_birth == ("1948-12-10", "1949-09")
    assert entry.places_of_birth == ("Tromso, Norway",)
    assert (entry.nationalities, entry.citizenships) == (("IR", "KP"), ("Atlantis",))
    assert entry.identifiers == (
        "EG, 1994-01-17, 1984-01-18, A1, Passport",
        "MX, 22 (Jalisco), National ID No.",
        "NORLNO22, SWIFT/BIC",
    )
    assert (entry.aliases, entry.weak_aliases) == ((), ("OLE; THE GREY", "O'NEIL"))


@pytest.mark.parametrize(
    ("printed", "read_as"),
    [
        ("1946", "1946"),
        ("03 May 1938", "1938-05-03"),
        ("circa 1951", "circa 1951"),
        ("circa 07 Jul 1966", "circa 1966-07-07"),
        ("1929 to 1930", "1929 to 1930"),
        ("01 Jan 1961 to 31 Dec 1962", "1961-01-01 to 1962-12-31"),
        ("circa 1979-1982", "circa 1979 to 1982"),
        ("31 Feb 1960", ""),
        ("Foo 1960", ""),
        ("unknown", ""),
    ],
)
def test_dates_of_birth_are_as_exact_as_printed(printed, read_as):
    assert date_of_birth(printed) == read_as


def test_a_date_of_birth_that_cannot_be_read_is_kept_as_printed_and_marked():
    (entry,) = read([primary("8", "LIND, Ole", remarks="DOB 31 Feb 1960.")]).entries

    assert (entry.dates_of_birth, entry.marks) == (("31 Feb 1960",), ("unread_birth_date",))


@pytest.mark.parametrize(
    ("part", "identifiers"),
    [
        ("Passport issued in Tromso, Norway", []),
        ("Passport A1 (Iran) issued under the name OLE LIND", ["IR, A1, Passport"]),
        ("Passport A1 (Jordan) issued 01 Jan 2008 to 31 Dec 2010", ["JO, 2008-01-01, A1, Passport"]),
        ("Passport A1 (Ruritania)", ["A1 (Ruritania), Passport"]),
        ("alt. Digital Currency Address - XBT 1Abc9", ["1Abc9, Digital Currency Address - XBT"]),
        ("Aircraft Manufacturer's Serial Number (MSN) 30", ["30, Aircraft Manufacturer's Serial Number (MSN)"]),
        ("Email Address 7@example.org", []),
    ],
)
def test_only_what_names_a_document_is_an_identifier(part, identifiers):
    assert facts_of(part + ".", {}).identifiers == identifiers


def test_an_identifier_is_printed_as_in_the_consolidated_screening_list():
    assert identifier("Passport", "A1", "Egypt", "18 Jan 1984", "Jan 1994") == "EG, 1994-01, 1984-01-18, A1, Passport"


def test_comments_continue_remarks_that_are_cut_within_a_word():
    cut = "Linked To: " + "X" * 980 + "; Passpo"
    remarks = cut + "Z" * (1_000 - len(cut))

    (entry,) = read([primary("7", "A", remarks=remarks)], [], [], [("7", "rt 12 (Iran).")]).entries

    assert entry.remarks == remarks + "rt 12 (Iran)."
    assert entry.marks == ()


def test_remarks_that_are_cut_and_not_continued_are_marked():
    (entry,) = read([primary("7", "A", remarks="X" * 1_000)]).entries

    assert entry.marks == ("cut_remarks",)


def test_comments_on_remarks_that_are_whole_are_kept_and_marked():
    (entry,) = read([primary("7", "A", remarks="DOB 1960.")], [], [], [("7", "DOB 1970.")]).entries

    assert (entry.remarks, entry.marks) == ("DOB 1960; DOB 1970.", ("stray_comments",))


def test_an_alias_that_is_called_weak_is_a_weak_one_and_another_remark_is_kept():
    (entry,) = read([primary("7", "A")], [("7", "1", "aka", "B", "weak"), ("7", "2", "aka", "C", "formerly")]).entries

    assert (entry.aliases, entry.weak_aliases, entry.remarks) == (("C",), ("B",), "alias C: formerly")


def test_a_remark_on_an_address_is_kept_with_it():
    (entry,) = read([primary("7", "A")], [], [("7", "1", "5 Quay", "-0- ", "undetermined", "until 2019")]).entries

    assert entry.addresses == (ListedAddress("5 Quay, undetermined (until 2019)", ""),)


@pytest.mark.parametrize(
    ("files", "line", "code", "place"),
    [
        (([primary("7", "A")], [("9", "1", "aka", "B", "")]), 1, "unknown_number", "Line 1 of alt.csv"),
        (([primary("7", "A")], [], [("9", *"12345")]), 1, "unknown_number", "Line 1 of add.csv"),
        (([primary("7", "A")], [], [], [("9", "x")]), 1, "unknown_number", "Line 1 of sdn_comments.csv"),
        (([primary("7", "A"), primary("7", "B")],), 2, "repeated_number", "as line 1"),
        (([primary("7", "A"), primary("8", "-0- ")],), 2, "no_name", "Line 2 of sdn.csv"),
        (([primary("7", "A"), primary("x", "B")],), 2, "no_number", "Line 2 of sdn.csv"),
        (([primary("7", "A"), ("8", "B"), primary("9", "C")],), 2, "wrong_field_count", "Line 2 of sdn.csv"),
    ],
)
def test_a_row_that_cannot_be_used_is_reported_with_its_file_and_line(files, line, code, place):
    found = read(*files)

    assert [(problem.line, problem.code) for problem in found.unreadable] == [(line, code)]
    assert place in found.unreadable[0].message
    assert found.entries[0].name == "A"


@pytest.mark.parametrize(
    ("entry", "mark"),
    [
        (primary("7", "A", kind="ghost"), "unknown_type"),
        (primary("7", "A", program="-0- "), "missing_program"),
        (primary("7", "A?B"), "lost_letters"),
        (primary("7", "A\x07B"), "control_character"),
    ],
)
def test_a_defect_of_an_entry_is_loaded_and_marked(entry, mark):
    assert read([entry]).entries[0].marks == (mark,)


@pytest.mark.parametrize(("alt", "mark"), [(("xka", "B"), "unknown_alias_type"), (("aka", "-0- "), "empty_alias")])
def test_a_defect_of_an_alias_is_marked(alt, mark):
    assert read([primary("7", "A")], [("7", "1", *alt, "-0- ")]).entries[0].marks == (mark,)


def test_a_file_without_control_z_and_line_end_is_reported():
    files = sdn_files([primary("7", "A")]) | {"sdn.csv": member([primary("7", "A", remarks="DOB 1960.")], end="")[:-2]}

    found = ofac.parse(pack(files), "sdn.zip")

    assert found.problem_counts == {"no_final_line_break": 1}


def test_what_stands_after_a_control_z_is_reported():
    files = sdn_files([]) | {"sdn.csv": member([primary("7", "A"), ("\x1a",), primary("8", "B")])}

    assert ofac.parse(pack(files), "sdn.zip").problem_counts == {"wrong_field_count": 1}


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"), ("primary", "alt", "add", "comments")),
        (("SDN.CSV", "ALT.CSV", "ADD.CSV"), ("primary", "alt", "add")),
        (("ofac_sdn_2021-07-07.csv", "ofac_alt_2021-07-07.csv"), ("primary", "alt")),
        (("cons_prim.csv", "cons_alt.csv", "cons_add.csv"), ("primary", "alt", "add")),
        (("ofac_cons_comments_2025-12-19.csv", "ofac_cons_prim_2025-12-19.csv"), ("comments", "primary")),
        (("readme.txt", "names.csv", ""), (None, None, None)),
    ],
)
def test_the_role_of_a_file_is_told_by_its_name(names, roles):
    assert tuple(map(ofac.role_of, names)) == roles


def without(name: str) -> dict[str, bytes]:
    return {other: data for other, data in sdn_files([primary("7", "A")]).items() if other != name}


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        (without("alt.csv"), "incomplete", "aliases"),
        (without("add.csv"), "incomplete", "addresses"),
        (without("sdn.csv"), "incomplete", "entries"),
        (without("") | {"readme.txt": b""}, "unknown_member", "readme.txt"),
        (without("") | {"ofac_alt.csv": member([])}, "two_of_a_role", "ofac_alt.csv"),
        (without("alt.csv") | {"cons_alt.csv": member([])}, "mixed_files", "several lists"),
        (
            {"sdn_2021-07-07.csv": b"", "alt_2019-01-15.csv": b"", "add_2021-07-07.csv": b""},
            "mixed_files",
            "several days",
        ),
        (without("sdn.csv") | {"sdn.csv": b"ent_num;name\n1;A\n"}, "wrong_layout", "SDN_Name"),
        (without("alt.csv") | {"alt.csv": b""}, "empty", "alt.csv"),
        (without("alt.csv") | {"alt.csv": b'7,1,"aka","N\xd8RD"\n'}, "not_utf8", "alt.csv"),
        (without("sdn.csv") | {"sdn.csv": b"\x1a\r\n"}, "no_rows", "sdn.csv"),
        (without("sdn.csv") | {"sdn.csv": member([primary("7", "A"), ("8", "B")])}, "cut_off", "line 2"),
        (
            without("sdn.csv") | {"sdn.csv": member([primary("7", "A")], "") + b'8,"B\r\n'},
            "cut_off",
            "line 2",
        ),
        ({"list.xml": b"<html>"}, "not_sdn_list", "HTML"),
    ],
)
def test_a_bundle_that_is_no_whole_list_is_refused(files, code, words):
    refused = refusal(pack(files))

    assert refused.code == code
    assert words in refused.message


@pytest.mark.parametrize("name", ["sdn.csv", "alt.csv", "cons_prim.csv"])
def test_a_csv_file_alone_is_refused_with_the_files_to_give_together(name):
    refused = refusal(member([primary("7", "A")]), name)

    assert refused.code == "lone_file"
    assert all(word in refused.message for word in (name, "alt.csv", "add.csv", "one ZIP"))


@pytest.mark.parametrize(
    ("programs", "remarks", "lists"),
    [
        (("UKRAINE-EO13662", "VENEZUELA-EO13850"), "", ("SSI",)),
        (("SYRIA", "FSE-SY"), "", ("FSE",)),
        (("EO13645", "FSE-IR"), "", ("FSE",)),
        (("SDGT", "NS-PLC"), "", ("PLC",)),
        (("CMIC-EO13959",), "", ("CMIC",)),
        (("561-Related",), "", ("CAP",)),
        (("NS-MBS",), "", ("MBS",)),
        (("RUSSIA-EO14024",), "Listing Date (EO 14024 Directive 2): 24 Feb 2022", ("CAP",)),
        (("RUSSIA-EO14024",), "Effective Date (EO 14024 Directive 1a): 01 Mar 2022", ("MBS",)),
        (("UKRAINE-EO13662", "RUSSIA-EO14024"), "Effective Date (EO 14024 Directive 3): 26 Mar 2022", ("SSI", "MBS")),
        (("CAATSA - RUSSIA",), "CAATSA Section 235 Information: EXPORT SANCTIONS", ("MBS",)),
        (("RUSSIA-EO14024",), "Executive Order 13662 Directive Determination - Subject to Directive 2", ()),
        (("RUSSIA-EO14024",), "", ()),
        (("IRAN",), "", ()),
        ((), "", ()),
    ],
)
def test_the_lists_of_the_consolidated_file_are_told_by_program_and_directive(programs, remarks, lists):
    assert lists_of(programs, remarks) == lists


def test_a_party_on_two_lists_is_an_entry_for_each():
    remarks = "Listing Date (EO 14024 Directive 3): 24 Feb 2022."

    found = read_cons(primary("7", "A", program="UKRAINE-EO13662] [RUSSIA-EO14024", remarks=remarks))

    assert [(entry.list_code, entry.entity_number) for entry in found.entries] == [("SSI", "7"), ("MBS", "7")]
    assert found.lines == (1, 1)


def test_a_party_on_no_known_list_is_reported_and_not_loaded():
    found = read_cons(primary("7", "A", program="NS-PLC"), primary("8", "B", program="NEW-PROGRAM"))

    assert [entry.name for entry in found.entries] == ["A"]
    assert [(problem.line, problem.code) for problem in found.unreadable] == [(2, "unknown_list")]
    assert "NEW-PROGRAM" in found.unreadable[0].message


WHOLE_CSV = sdn_files(
    [primary("7", "NORTH, \"LINE\"", remarks="DOB 10 Dec 1948; Passport A1 (Egypt)."), primary("8", "B")],
    [("7", "1", "aka", "SOUTH LINE", "-0- ")],
    [("7", "1", "5 Quay", "Havana", "Cuba", "-0- ")],
    [("7", "a.k.a. 'X'.")],
)  # fmt: skip


def damaged(data: st.DataObject, whole: bytes) -> bytes:
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    filling = data.draw(
        st.one_of(st.binary(max_size=20), st.sampled_from([b'"', b"\0", b"\x1a", b"]]>", b"&#0;", b"<"]))
    )
    return whole[:start] + filling + whole[end:]


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(sorted(WHOLE_CSV)))
def test_damaged_csv_files_raise_nothing_but_a_refusal(data, name):
    files = WHOLE_CSV | {name: damaged(data, WHOLE_CSV[name])}

    try:
        found = ofac.parse(pack(files), "sdn.zip")
    except RefusedFile:
        return
    assert len(found.entries) == len(found.lines)


def test_a_cell_of_ten_megabytes_is_reported_and_left_out():
    found = read([primary("7", "A"), primary("8", "B" * 10_000_000), primary("9", "C")])

    assert [problem.code for problem in found.unreadable] == ["broken_quotes"]
    assert [entry.name for entry in found.entries] == ["A", "C"]
