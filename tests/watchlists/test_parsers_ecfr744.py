"""15 CFR part 744 as the eCFR prints it: what loads, how a cell is split, what is marked, what is refused."""

from __future__ import annotations

import contextlib
import gzip
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.watchlists.parsers.base import ListedAddress, ListedEntry, ParsedList, RefusedFile
from compliance.watchlists.parsers.ecfr744 import parse
from compliance.watchlists.parsers.ecfr744_cell import read_entity_cell

HEADS = {
    4: (
        "Country",
        "Entity",
        "License requirement",
        "License review<br/>policy",
        "<strong>Federal Register</strong> citation",
    ),
    6: ("Country", "Listed person and address", "Federal Register citation"),
    7: ("Country", "Entity", "Federal Register citation"),
}
CHINA = "CHINA, PEOPLE'S REPUBLIC OF"
ALL_ITEMS = "For all items subject to the EAR. (See &#xA7; 744.11 of the EAR)"
FOOT = tuple(f"<sup>{sign}</sup> Text of footnote {sign}." for sign in (1, 3))
ONE_UVL = (("GERMANY", "Muster Handel GmbH, Weg 1, Bonn, Germany", "90 FR 17340, April 25, 2025."),)
ONE_MEU = (
    ("BURMA", "[Reserved]", "[Reserved]"),
    (CHINA, "Probe Co., 1 Lu, Xian, China", "85 FR 83799, 12/23/2020."),
)


def table(
    number: int, rows: tuple[tuple[str, ...], ...], foot: tuple[str, ...] = (), head: tuple[str, ...] = ()
) -> str:
    cells = "\n".join(f"<TH>{name}</TH>" for name in head or HEADS[number])
    body = "\n".join("<TR>\n" + "\n".join(f"<TD>{cell}</TD>" for cell in row) + "\n</TR>" for row in rows)
    feet = "".join(f'<TR><TD colspan="5">{text}</TD></TR>' for text in foot)
    return (
        f'<DIV9 N="Supplement No. {number} to Part 744" TYPE="APPENDIX">\n<HEAD>Supplement</HEAD><P>Text.</P>\n'
        f"<TABLE>\n<THEAD><TR>{cells}</TR></THEAD>\n<TBODY>\n{body}\n</TBODY>\n<TFOOT>{feet}</TFOOT></TABLE>\n</DIV9>\n"
    )


def part(*tables: str, number: str = "744", before: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n{before}<DIV5 N="{number}" TYPE="PART">\n{"".join(tables)}</DIV5>\n'.encode()


def el_row(entity: str, country: str = "", requirement: str = ALL_ITEMS, policy: str = "Presumption of denial",
           citation: str = "84 FR 54004, 10/9/19.") -> tuple[str, ...]:  # fmt: skip
    return country, entity, requirement, policy, citation


def small(*rows: tuple[str, ...]) -> bytes:
    """The three lists, the Entity List with the given rows."""
    return part(table(4, rows, FOOT), table(6, ONE_UVL), table(7, ONE_MEU))


def read(*rows: tuple[str, ...]) -> ParsedList:
    return parse(small(*rows), "part744.xml")


def read_one(entity: str = "Probe Co., 1 Lu, Xian, China.", **cells: str) -> ListedEntry:
    return read(el_row(entity, **{"country": CHINA, **cells})).entries[0]


def refusal(data: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        parse(data, "part744.xml")
    return caught.value


SMALL = small(
    el_row("Alpha Trading Co., a.k.a., the following two aliases:<br/>&#x2014;Alpha; <E T=\"03\">and</E><br/>&#x2014;"
           "Beta LLC.<br/> <br/> 1 Lu, Xian, China; <E T=\"03\">and</E> 2 Lu, Hong Kong.", CHINA),
    el_row("Address 01, Room 5, 1 Lu, Kowloon, Hong Kong.", requirement=f"{ALL_ITEMS} <sup>3</sup>"),
)  # fmt: skip


# What loads


def test_a_row_gives_its_fields():
    entry = parse(SMALL, "part744.xml").entries[0]

    assert (entry.list_code, entry.name, entry.aliases) == ("EL", "Alpha Trading Co.", ("Alpha", "Beta LLC"))
    assert entry.addresses == (ListedAddress("1 Lu, Xian, China", "CN"), ListedAddress("2 Lu, Hong Kong", "HK"))
    assert (entry.destination, entry.countries) == ("CN", ("CN", "HK"))
    assert entry.license_requirement == "For all items subject to the EAR. (See § 744.11 of the EAR)"
    assert (entry.license_policy, entry.citation) == ("Presumption of denial", "84 FR 54004, 10/9/19.")
    assert (entry.start_date, entry.start_date_raw) == ("2019-10-09", "10/9/19")
    assert (entry.kind, entry.marks) == ("unknown", ())


def test_every_row_is_an_entry_a_note_or_a_problem():
    found = read(el_row("A Co., 1 Lu, Xian, China.", CHINA), el_row(""), ("only", "two"))

    assert found.list_counts == {"EL": 1, "UVL": 1, "MEU": 1}
    assert [problem.code for problem in found.unreadable] == ["no_name", "wrong_cell_count"]
    assert found.notes == (
        ("footnote 1", "Text of footnote 1."), ("footnote 3", "Text of footnote 3."), ("MEU reserved", "BURMA"),
    )  # fmt: skip


def test_lines_are_those_of_the_rows_in_the_file():
    found = parse(SMALL, "part744.xml")

    assert [SMALL.decode().split("\n")[line - 1] for line in found.lines] == ["<TR>"] * len(found.entries)
    assert len(set(found.lines)) == len(found.entries)


def test_a_country_stands_on_its_first_row_and_is_carried_down():
    found = read(
        el_row("A, 1 Rd, Kabul.", "AFGHANISTAN"), el_row("B, 2 Rd, Kabul."), el_row("C, 3 Rd, Yerevan.", "ARMENIA")
    )

    assert [entry.destination for entry in found.entries[:3]] == ["AF", "AF", "AM"]


def test_a_country_that_is_not_known_is_marked_and_the_row_kept():
    found = read(el_row("A, 1 Rd, Foo.", "RURITANIA"))

    assert (found.entries[0].name, found.entries[0].destination) == ("A", "")
    assert found.entries[0].marks == ("unknown_country",)
    assert "RURITANIA" in found.problems[0].message


def test_an_address_without_a_name_is_an_entry_of_its_own_kind():
    entry = parse(SMALL, "part744.xml").entries[1]

    assert (entry.name, entry.kind) == ("Address 01", "address")
    assert entry.addresses == (ListedAddress("Room 5, 1 Lu, Kowloon, Hong Kong", "HK"),)


def test_the_lists_of_supplements_6_and_7_have_neither_requirement_nor_policy():
    uvl, meu = read(el_row("A, 1 Rd, Kabul.", "AFGHANISTAN")).entries[1:]

    assert (uvl.list_code, uvl.name, uvl.start_date, uvl.destination) == (
        "UVL",
        "Muster Handel GmbH",
        "2025-04-25",
        "DE",
    )
    assert (meu.list_code, meu.name, meu.start_date, meu.destination) == ("MEU", "Probe Co.", "2020-12-23", "CN")
    assert (uvl.license_requirement, uvl.license_policy, meu.license_requirement) == ("", "", "")


def test_members_of_a_group_carry_its_heading_and_its_citation():
    rows = (
        (CHINA, "The following two subordinate institutions of Great Works:", "85 FR 83799, 12/23/2020."),
        ("", '<E T="03">Subordinate institution:</E>', ""),
        ("", "First Works, 1 Lu, Xian, China", ""),
        ("", "Other Co., 2 Lu, Xian, China", "86 FR 4864, 1/15/2021."),
    )  # fmt: skip
    found = parse(
        part(table(4, (el_row("A, 1 Rd, Kabul.", "AFGHANISTAN"),)), table(6, ONE_UVL), table(7, rows)), "x.xml"
    )

    first, other = found.entries[2:]
    assert (first.remarks, first.start_date) == ("Subordinate institution of Great Works", "2020-12-23")
    assert (other.remarks, other.start_date) == ("", "2021-01-15")
    assert [label for label, _ in found.notes] == ["MEU heading", "MEU label"]


def test_the_edition_is_the_amendment_date_of_the_file():
    dated = SMALL.replace(b'TYPE="PART">', b'TYPE="PART"><AMDDATE>Mar. 25, 2026\n</AMDDATE>', 1)

    assert parse(dated, "part744.xml").edition == "2026-03-25"
    assert parse(SMALL, "part744.xml").edition == ""


# Footnote signs


@pytest.mark.parametrize(
    ("printed", "text", "signs"),
    [
        ("All items. (See 734.9(g),<sup>3</sup> 746.8)", "All items. (See 734.9(g), 746.8)", ("3",)),
        ("See 734.9(g)<sup>,3</sup> 746.8", "See 734.9(g), 746.8", ("3",)),
        (
            "See 734.9(e) <sup>1</sup> and 744.11 of the EAR <sup>3</sup>",
            "See 734.9(e) and 744.11 of the EAR",
            ("1", "3"),
        ),
        ("All items on the CCL 3", "All items on the CCL 3", ()),
        ("Items under 600<sup>th</sup> heading", "Items under 600th heading", ()),
    ],
)
def test_only_a_number_in_superscript_is_a_footnote_sign(printed, text, signs):
    entry = read_one(requirement=printed)

    assert (entry.license_requirement, entry.footnotes, entry.marks) == (text, signs, ())


def test_the_number_above_a_fraction_bar_is_no_footnote_sign():
    entry = read_one("Probe Co., No. <sup>4</sup>&#x2044;5 Lu 1<sup>1</sup>&#x2044;<sub>2</sub>, Xian, China.")

    assert entry.footnotes == ()
    assert entry.addresses[0].text == "No. 4⁄5 Lu 1 1⁄2, Xian, China"


def test_a_sign_whose_text_the_table_does_not_give_is_marked():
    entry = read_one(requirement="All items <sup>9</sup>")

    assert (entry.footnotes, entry.marks) == (("9",), ("unknown_footnote",))


# Citations and dates


@pytest.mark.parametrize(
    ("printed", "citations", "raw"),
    [
        ("84 FR 540, 10/9/19. 85 FR 5, 6/5/20.", (("84 FR 540", "2019-10-09"), ("85 FR 5", "2020-06-05")), "10/9/19"),
        ("88 FR 71992 10/19/2023.", (("88 FR 71992", "2023-10-19"),), "10/19/2023"),
        ("64 FR 28909,<br/>5/28/99.", (("64 FR 28909", "1999-05-28"),), "5/28/99"),
        ("85 FR 64017, October 9, 2020; 90 FR 1, Jan. 5, 2025",
         (("85 FR 64017", "2020-10-09"), ("90 FR 1", "2025-01-05")), "October 9, 2020"),
        ("88 FR FR 12158, 2/27/23.", (("88 FR 12158", "2023-02-27"),), "2/27/23"),
        ("81 FR 61601 preview citation details, 9/7/16.", (("81 FR 61601", "2016-09-07"),), "9/7/16"),
    ],
)  # fmt: skip
def test_every_citation_is_read_with_its_date(printed, citations, raw):
    entry = read_one(citation=printed)

    assert (entry.citations, entry.start_date, entry.start_date_raw) == (citations, citations[0][1], raw)
    assert entry.marks == ()


@pytest.mark.parametrize(
    ("printed", "mark", "raw"),
    [
        ("84 FR 54004, 13/9/19.", "impossible_date", "13/9/19"),
        ("84 FR 54004, 10/9/18.", "impossible_date", "10/9/18"),  # volume 84 is that of 2019
        ("84 FR 54004.", "missing_date", ""),
        ("See the notice", "missing_citation", ""),
    ],
)
def test_a_date_that_cannot_be_or_is_not_there_is_kept_as_unknown_and_marked(printed, mark, raw):
    entry = read_one(citation=printed)

    assert (entry.start_date, entry.start_date_raw, entry.marks) == ("", raw, (mark,))


def test_a_row_without_requirement_policy_and_citation_continues_the_one_above():
    found = read(el_row("Great Works, 1 Lu, Xian, China.", CHINA), ("", "201 Institute", "", "", ""))

    assert found.entries[1].marks == ("continues_row_above", "missing_citation")
    assert "Great Works" in found.problems[0].message


def test_a_row_that_states_no_requirement_is_marked():
    assert read_one(requirement=" ").marks == ("missing_requirement",)
    assert read_one(policy="").marks == ("missing_policy",)


# The entity cell


@pytest.mark.parametrize(
    ("cell", "name", "aliases", "addresses"),
    [
        ("Probe, 1 Lu, Xian, China.", "Probe", [], ["1 Lu, Xian, China"]),
        ("Probe Co., Ltd. Floor 2 Tower, Xian, China", "Probe Co., Ltd.", [], ["Floor 2 Tower, Xian, China"]),
        ("Probe Co. Ltd.; 1 Lu, Xian, China", "Probe Co. Ltd.", [], ["1 Lu, Xian, China"]),
        ("Probe Institute, Academy of Sciences, 1 Lu, Xian, China", "Probe Institute, Academy of Sciences", [],
         ["1 Lu, Xian, China"]),
        ("Li Wei, Probe Institute, Xian, China", "Li Wei", [], ["Probe Institute, Xian, China"]),
        ("Gazpribor, OAO (f.k.a., ZAO Pribor; a.k.a. Pribor), a.k.a., the following one alias:\n—GP.\n\n1 Mira, Russia",
         "Gazpribor, OAO", ["ZAO Pribor", "Pribor", "GP"], ["1 Mira, Russia"]),
        ("Probe (a.k.a., Probe One, Jan Ko and Lin Ko), Flat 2, Kabul, Afghanistan", "Probe",
         ["Probe One", "Jan Ko", "Lin Ko"], ["Flat 2, Kabul, Afghanistan"]),
        ("Probe Air, a.k.a., PA Airlines, PA Air, 7 Mira Str., Kiev, Ukraine", "Probe Air", ["PA Airlines", "PA Air"],
         ["7 Mira Str., Kiev, Ukraine"]),
        ("Probe LLC, a.k.a., the following two aliases: Sonde; and Sonde LLC. P.O. Box 1, Dubai, U.A.E.", "Probe LLC",
         ["Sonde", "Sonde LLC"], ["P.O. Box 1, Dubai, U.A.E."]),
        ("Probe, a.k.a., the following two aliases:\n—Sonde; and\n—Lot.\n\nMain Road, Dubai, UAE and P.O. Box 1, UAE",
         "Probe", ["Sonde", "Lot"], ["Main Road, Dubai, UAE", "P.O. Box 1, UAE"]),
        ("Probe Lab, a.k.a., the following one alias:\n—Sonde Lab. Bangkok, Thailand.", "Probe Lab", ["Sonde Lab"],
         ["Bangkok, Thailand"]),
        ("Probe and Sons, 1 Science and Technology Park, Xian, China", "Probe and Sons", [],
         ["1 Science and Technology Park, Xian, China"]),
        ("Main Works subordinate institution: Side Works, 1 Lu, Xian, China",
         "Main Works subordinate institution: Side Works", ["Side Works"], ["1 Lu, Xian, China"]),
        ("Probe, OAO (a.k.a. Sonde)\n\nAddress: 1 Mira, Moscow, Russia\nAlt Address: 2 Mira, Moscow, Russia",
         "Probe, OAO", ["Sonde"], ["1 Mira, Moscow, Russia", "2 Mira, Moscow, Russia"]),
        ("Ministry, including the Forces and all units wherever located. It has the army.\n\nAll of Russia.",
         "Ministry, including the Forces and all units wherever located. It has the army", [], ["All of Russia"]),
    ],
)  # fmt: skip
def test_a_cell_is_split_into_name_aliases_and_addresses(cell, name, aliases, addresses):
    found = read_entity_cell(cell)

    assert (found.name, found.aliases, [address.text for address in found.addresses]) == (name, aliases, addresses)


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("1 Lu, Xian, China 710068", "CN"),
        ("1 Lu, Kowloon, Hong Kong", "HK"),
        ("4005 Bay Ave., Toronto, Canada M2M 3Z9", "CA"),
        ("1 Rd, Tbilisi, Georgia, 0183", "GE"),
        ("1 Rd, Tortola, British Virgin Islands", "VG"),
        ("1 Rd, Sevastopol, Crimea, Ukraine", "UA"),
        ("1 Sok., İSTANBUL, TÜRKİYE", "TR"),
        ("202 Factory Baotou, Inner Mongolia", ""),
        ("1 Rd, Beijing", ""),
    ],
)
def test_the_country_of_an_address_is_that_printed_at_its_end(address, country):
    found = read_entity_cell(f"Probe Co., Ltd., {address}")

    assert [(item.text, item.country) for item in found.addresses] == [(address, country)]


def test_where_else_to_look_becomes_a_remark():
    found = read_entity_cell("Probe, 1 Lu, Xian, China. (See alternate addresses under Iran and Turkey).")

    assert found.remarks == ["See alternate addresses under Iran and Turkey"]
    assert [address.text for address in found.addresses] == ["1 Lu, Xian, China"]


def test_an_alias_list_of_another_length_than_announced_is_marked():
    entry = read_one(
        "Probe, a.k.a., the following three aliases:<br/>—A1;<br/>—A2; and<br/>—A3;<br/>—A4.<br/><br/>1 Lu, China"
    )

    assert (entry.aliases, entry.marks) == (("A1", "A2", "A3", "A4"), ("alias_count_differs",))


def test_further_parties_named_in_a_row_become_aliases_and_are_marked():
    entry = read_one(
        "Great Works, a.k.a., the following one alias:<br/>—GW.<br/><E T=\"03\">Subordinate institution</E><br/>"
        "First Lab, a.k.a., the following one alias:<br/>—FL.<br/><br/>1 Lu, Xian, China."
    )  # fmt: skip

    assert (entry.name, entry.aliases, entry.marks) == ("Great Works", ("GW", "First Lab", "FL"), ("several_parties",))


# What is refused


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (b"country,entity\n", "not_xml", "no XML"),
        (b"<!DOCTYPE html><html></html>", "not_xml", "HTML"),
        (SMALL.replace(b'N="744"', b'N="745"'), "not_part_744", "DIV5"),
        (part(table(4, (el_row("A"),)), table(6, ONE_UVL)), "missing_supplement", "No. 7 (Military End-User List)"),
        (SMALL.replace(b"</DIV5>", table(6, ONE_UVL).encode() + b"</DIV5>"), "repeated_supplement", "No. 6"),
        (SMALL.replace(b"License requirement", b"Requirement"), "wrong_columns", "“Country, Entity, Requirement"),
        (part(table(4, ()), table(6, ONE_UVL), table(7, ONE_MEU)), "no_rows", "No. 4"),
        (SMALL.replace(b"THEAD", b"TBODY"), "missing_table", "has no table"),
        (SMALL.replace(b"<TBODY>\n<TR>", b"<TBODY>\n<TR><TR></TR>"), "wrong_layout", "a row within a row"),
        (SMALL.replace(b"Alpha", b"A" * 10_001, 1), "cell_too_long", "longer than 10,000"),
        (SMALL.replace(b"Alpha", b"\xe9", 1), "not_utf8", "not UTF-8"),
        (SMALL.replace(b"Alpha", b"\0", 1), "nul_bytes", "NUL"),
    ],
)  # fmt: skip
def test_what_is_not_the_three_lists_is_refused_with_the_reason(data, code, words):
    refused = refusal(data)

    assert refused.code == code
    assert words in refused.message


def test_xml_that_is_not_well_formed_is_refused_with_its_line():
    bad = SMALL.replace(b"Address 01, Room 5", b"Address 01 & Room 5")
    line = bad[: bad.index(b"& Room")].count(b"\n") + 1

    refused = refusal(bad)

    assert (refused.code, refused.line) == ("not_well_formed", line)
    assert f"line {line}" in refused.message


def test_a_file_that_is_cut_off_is_refused_with_its_last_line():
    cut = SMALL[: len(SMALL) // 2]

    refused = refusal(cut)

    assert (refused.code, refused.line) == ("cut_off", cut.count(b"\n") + 1)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>\n',
        '<!DOCTYPE a SYSTEM "http://localhost/part.dtd">\n',
        '<!DOCTYPE a [<!ENTITY c SYSTEM "file:///etc/hostname">]>\n',
    ],
)
def test_declared_entities_are_refused_and_never_followed(declared):
    data = part(table(4, (el_row("A &c;"),)), table(6, ONE_UVL), table(7, ONE_MEU), before=declared)

    assert refusal(data).code == "hostile_xml"


@pytest.mark.parametrize("text", ["a.k.a., ", "(", "x\n", "Ltd. ", ", ", "(see ", "; and ", "China and "])
def test_a_hostile_cell_of_the_greatest_length_is_read_in_seconds(text):
    begun = time.monotonic()

    read_entity_cell((text * 10_000)[:10_000])

    assert time.monotonic() - begun < 8


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(data):
    damaged = bytearray(SMALL)
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 40))] = data.draw(
            st.one_of(
                st.binary(max_size=12), st.sampled_from([b"<TD>", b"</TR>", b"<br/>", b"&#x2014;", b"; and ", b"<sup>"])
            )
        )
    cut = data.draw(st.integers(0, len(damaged)))
    damaged = damaged[:cut] if data.draw(st.booleans()) else damaged

    with contextlib.suppress(RefusedFile):
        found = parse(bytes(damaged), "part744.xml")
        assert len(found.entries) == len(found.lines)
        assert all(entry.name for entry in found.entries)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([
    "Probe", "Co., Ltd.", "a.k.a., ", "the following two aliases:", "\n", "—", "; and ", "\x04and\x05 ", ", ", "(", ")",
    "China", "See", "1 Road", ".", "f.k.a.", "Subordinate institution", "\x04", "\x05", "P.O. Box 1", "²", "İ",
]), max_size=25).map("".join))  # fmt: skip
def test_any_cell_is_read_without_an_exception(cell):
    found = read_entity_cell(cell)

    assert all(alias.strip() for alias in found.aliases)
    assert all(address.text for address in found.addresses)


def test_packed_files_are_unpacked_before_the_parser():
    assert refusal(gzip.compress(SMALL)).code == "not_text"
