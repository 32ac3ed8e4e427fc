"""OFAC's lists as XML: entries, faults by line, and nothing but a refusal from a hostile or damaged file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, ListedEntry, RefusedFile, ofac
from compliance.watchlists.parsers.bundle import pack

from .test_parsers_ofac import damaged, primary, read, refusal, sdn_files

ENTRY = """<sdnEntry><uid>8</uid><firstName>Ole</firstName><lastName>LIND</lastName><title>Captain</title>
<sdnType>Individual</sdnType><remarks>(Linked To: NORTH LINE)</remarks>
<programList><program>SDGT</program><program>IFSR</program></programList>
<idList><id><uid>1</uid><idType>Passport</idType><idNumber>A1</idNumber><idCountry>Egypt</idCountry>
<issueDate>18 Jan 1984</issueDate><expirationDate>17 Jan 1994</expirationDate></id>
<id><uid>2</uid><idType>Gender</idType><idNumber>Male</idNumber></id></idList>
<akaList><aka><uid>1</uid><type>a.k.a.</type><category>weak</category><lastName>THE GREY</lastName></aka>
<aka><uid>2</uid><type>f.k.a.</type><category>strong</category><lastName>LINDH</lastName><firstName>Ole</firstName></aka>
</akaList><addressList><address><uid>1</uid><address1>5 Quay Road</address1><city>Havana</city>
<postalCode>10400</postalCode><country>Cuba</country></address></addressList>
<nationalityList><nationality><uid>1</uid><country>Iran</country><mainEntry>false</mainEntry></nationality>
<nationality><uid>2</uid><country>Norway</country><mainEntry>true</mainEntry></nationality></nationalityList>
<dateOfBirthList><dateOfBirthItem><uid>1</uid><dateOfBirth>10 Dec 1948</dateOfBirth><mainEntry>true</mainEntry>
</dateOfBirthItem></dateOfBirthList><placeOfBirthList><placeOfBirthItem><uid>1</uid>
<placeOfBirth>Tromso, Norway</placeOfBirth><mainEntry>true</mainEntry></placeOfBirthItem></placeOfBirthList>
</sdnEntry>"""


def xml_file(*entries: str, count: int | None = None, namespace: str = "http://tempuri.org/sdnList.xsd") -> bytes:
    announced = len(entries) if count is None else count
    return (
        f'<?xml version="1.0" standalone="yes"?>\n<sdnList xmlns="{namespace}">\n<publshInformation>'
        f"<Publish_Date>03/17/2020</Publish_Date><Record_Count>{announced}</Record_Count>"
        "</publshInformation>\n" + "\n".join(entries) + "\n</sdnList>"
    ).encode()


def xml_entry(number: str = "9", name: str = "NORTH LINE", more: str = "") -> str:
    return (
        f"<sdnEntry><uid>{number}</uid><lastName>{name}</lastName><sdnType>Entity</sdnType>"
        f"<programList><program>SDGT</program></programList>{more}</sdnEntry>"
    )


def test_an_entry_of_the_xml_is_read():
    found = ofac.parse(xml_file(ENTRY), "sdn.xml")

    assert found.entries == (
        ListedEntry(
            list_code="SDN",
            name="LIND, Ole",
            aliases=("LINDH, Ole",),
            weak_aliases=("THE GREY",),
            addresses=(ListedAddress("5 Quay Road, Havana, 10400, CU", "CU"),),
            kind="person",
            entity_number="8",
            programs=("SDGT", "IFSR"),
            title="Captain",
            remarks="Gender Male; (Linked To: NORTH LINE)",
            nationalities=("NO", "IR"),
            dates_of_birth=("1948-12-10",),
            places_of_birth=("Tromso, Norway",),
            identifiers=("EG, 1994-01-17, 1984-01-18, A1, Passport",),
        ),
    )
    assert (found.edition, found.lines, found.problems) == ("2020-03-17", (4,), ())


def test_the_xml_is_read_under_another_namespace_and_within_a_zip():
    data = xml_file(ENTRY, namespace="https://example.org/xml")

    assert ofac.parse(pack({"sdn.xml": data}), "sdn_xml.zip").entries == ofac.parse(data, "sdn.xml").entries


def test_both_forms_give_the_same_facts():
    remarks = (
        "DOB 10 Dec 1948; POB Tromso, Norway; nationality Norway; alt. nationality Iran; Gender Male; Passport A1 "
    )
    remarks += "(Egypt) issued 18 Jan 1984 expires 17 Jan 1994; a.k.a. 'THE GREY'; Linked To: NORTH LINE."
    (from_xml,) = ofac.parse(xml_file(ENTRY), "sdn.xml").entries

    (from_csv,) = read(
        [("8", "LIND, Ole", "individual", "SDGT] [IFSR", "Captain", *["-0- "] * 6, remarks)],
        [("8", "1", "fka", "LINDH, Ole", "-0- ")],
        [("8", "1", "5 Quay Road", "Havana 10400", "Cuba", "-0- ")],
    ).entries

    differing = {key for key, value in from_csv.as_dict().items() if from_xml.as_dict()[key] != value}
    assert differing == {"remarks", "addresses"}  # the CSV form has city and postal code in one, and all facts as text


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ((xml_entry(), xml_entry()), "repeated_number"),
        ((xml_entry(), xml_entry(number="")), "no_number"),
        ((xml_entry(), xml_entry("10", name="")), "no_name"),
        ((xml_entry(), "<extra/>"), "unknown_element"),
    ],
)
def test_an_entry_of_the_xml_that_cannot_be_used_is_reported_with_its_line(entries, code):
    found = ofac.parse(xml_file(*entries, count=1 if "<extra/>" in entries else 2), "sdn.xml")

    assert [(problem.line, problem.code) for problem in found.unreadable] == [(5, code)]
    assert [entry.name for entry in found.entries] == ["NORTH LINE"]


def test_a_list_that_holds_fewer_entries_than_it_says_is_held():
    found = ofac.parse(xml_file(xml_entry(), count=5_704), "sdn.xml")

    assert [problem.code for problem in found.unreadable] == ["record_count"]


@pytest.mark.parametrize(
    ("more", "mark"),
    [
        ("<newFact>1</newFact>", "unknown_element"),
        ("<akaList><aka><category>odd</category><lastName>X</lastName></aka></akaList>", "unknown_alias_type"),
        ("<akaList><aka><category>weak</category></aka></akaList>", "empty_alias"),
        (
            "<dateOfBirthList><dateOfBirthItem><dateOfBirth>x</dateOfBirth></dateOfBirthItem></dateOfBirthList>",
            "unread_birth_date",
        ),
    ],
)
def test_a_defect_of_an_entry_of_the_xml_is_marked(more, mark):
    assert ofac.parse(xml_file(xml_entry(more=more)), "sdn.xml").entries[0].marks == (mark,)


BOMB = b'<!DOCTYPE sdnList [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sdnList>&b;</sdnList>'


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (xml_file(ENTRY)[:-20], "not_well_formed", 19),
        (xml_file(ENTRY).replace(b"NORTH LINE", b"NORTH & LINE"), "not_well_formed", 5),
        (b"<CONSOLIDATED_LIST/>", "not_sdn_list", 1),
        (b"<!doctype html><html></html>", "not_sdn_list", 1),
        (BOMB, "doctype", 1),
        (b"<!DOCTYPE sdnList SYSTEM 'file:///etc/passwd'><sdnList/>", "doctype", 1),
        (b"<sdnList>" + b"<a>" * 100 + b"</a>" * 100 + b"</sdnList>", "too_deep", 1),
        (xml_file(xml_entry(name="A" * 10_000_000)), "too_long", None),
        (xml_file(), "no_rows", 1),
        (xml_file(ENTRY).replace(b"Tromso", b"Troms\xf8"), "not_utf8", None),
        (xml_file(ENTRY).decode().encode("utf-16"), "not_text", None),
    ],
)
def test_xml_that_is_no_whole_list_is_refused_with_its_line(data, code, line):
    refused = refusal(data, "sdn.xml")

    assert refused.code == code
    assert line in (None, refused.line)


def test_a_list_under_the_name_of_the_other_is_refused():
    files = sdn_files([primary("7", "A", program="NS-PLC")])

    assert refusal(pack(files)).code == "wrong_list"
    assert refusal(xml_file(ENTRY), "consolidated.xml").code == "wrong_list"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_xml_raises_nothing_but_a_refusal(data):
    try:
        found = ofac.parse(damaged(data, xml_file(ENTRY, xml_entry())), "sdn.xml")
    except RefusedFile:
        return
    assert len(found.entries) == len(found.lines)
