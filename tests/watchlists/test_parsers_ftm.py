"""OpenSanctions entities as JSON lines: what a party gives with what is joined to it, and what is counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, ListedEntry, ParsedList, RefusedFile, ftm


def entity(
    identity: str, schema: str, *, meta: dict[str, Any] | None = None, **properties: list[str]
) -> dict[str, Any]:
    caption = next(iter(properties.get("name", [])), identity)
    return {
        "id": identity,
        "schema": schema,
        "caption": caption,
        "properties": properties,
        "datasets": ["xx_list"],
        "referents": [],
        "first_seen": "2024-01-02T10:00:00",
        "last_change": "2024-05-06T10:00:00",
    } | (meta or {})


def party(schema: str = "Company", **properties: list[str]) -> dict[str, Any]:
    return entity("NK-1", schema, **({"name": ["Kestrel Ltd"]} | properties))


def lines(*entities: dict[str, Any]) -> bytes:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in entities).encode()


def parse(data: bytes) -> ParsedList:
    return ftm.parse(data, "entities.ftm.json")


def one(*entities: dict[str, Any]) -> ListedEntry:
    (entry,) = parse(lines(*entities)).entries
    return entry


# What a party gives


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("Person", "person"),
        ("Company", "organization"),
        ("Organization", "organization"),
        ("PublicBody", "organization"),
        ("LegalEntity", "unknown"),
        ("Vessel", "vessel"),
        ("Airplane", "aircraft"),
    ],
)
def test_every_schema_of_a_party_is_loaded_with_its_kind(schema, kind):
    assert one(party(schema)).kind == kind


def test_a_party_gives_its_facts():
    entry = one(
        party(
            "Person",
            name=["Ivo Kestrel", "Иво Кестрел"],
            alias=["Iwo Kestrel"],
            previousName=["I. Maral"],
            weakAlias=["The Falcon"],
            birthDate=["1979-08-01", "1979"],
            birthPlace=["Tunis"],
            nationality=["tn"],
            citizenship=["suhh"],
            position=["Mayor"],
            innCode=["7701234567"],
            topics=["sanction"],
            notes=["Seen in 2015."],
            sourceUrl=["https://www.example.com/1"],
        )
    )

    assert (entry.list_code, entry.entity_number, entry.name) == ("OS", "NK-1", "Ivo Kestrel")
    assert entry.aliases == ("Иво Кестрел", "Iwo Kestrel", "I. Maral")
    assert entry.weak_aliases == ("The Falcon",)
    assert (entry.dates_of_birth, entry.places_of_birth) == (("1979-08-01", "1979"), ("Tunis",))
    assert (entry.nationalities, entry.citizenships) == (("TN",), ("suhh",))
    assert (entry.title, entry.identifiers) == ("Mayor", ("7701234567, INN",))
    assert entry.remarks == "Seen in 2015.\nTopics: sanction"
    assert (entry.programs, entry.source_list_url) == (("xx_list",), "https://www.example.com/1")
    assert (entry.start_date, entry.marks) == ("", ())


def test_the_caption_leads_when_it_is_one_of_the_names():
    entry = one(party(name=["AAA", "Kestrel"]) | {"caption": "Kestrel"})

    assert (entry.name, entry.aliases) == ("Kestrel", ("AAA",))


def test_an_address_in_a_line_of_its_own_is_joined_wherever_it_stands():
    entry = one(
        entity("a1", "Address", full=["1 Mill Road, Minsk"], country=["by"]),
        party(addressEntity=["a1", "a2"]),
        entity("a2", "Address", street=["2 Mill Road"], city=["Riga"], postalCode=["LV-1010"], country=["lv"]),
    )

    assert entry.addresses == (
        ListedAddress("1 Mill Road, Minsk", "BY"),
        ListedAddress("2 Mill Road, Riga, LV-1010", "LV"),
    )


def test_a_country_is_an_address_when_no_address_names_it():
    entry = one(party(address=["1 Mill Road, Minsk, BY"], country=["by", "ru"], jurisdiction=["eu"]))

    assert entry.addresses == (
        ListedAddress("1 Mill Road, Minsk, BY", "BY"),
        ListedAddress("RU", "RU"),
        ListedAddress("eu", ""),
    )


def test_an_address_that_the_file_does_not_hold_is_marked():
    assert one(party(addressEntity=["a9"])).marks == ("missing_address",)


def test_documents_are_printed_as_the_csl_prints_them():
    entry = one(
        party("Person", passportNumber=["X1"]),
        entity("d1", "Passport", holder=["NK-1"], number=["X123456"], country=["jo"], startDate=["2009-08-31"]),
        entity("d2", "Identification", holder=["NK-1"], number=["77"], type=["Tax card"]),
    )

    assert entry.identifiers == ("JO, 2009-08-31, X123456, Passport", "77, Tax card", "X1, Passport")


def test_sanctions_give_programs_dates_authority_and_reason():
    entry = one(
        party(),
        entity("s1", "Sanction", entity=["NK-1"], authority=["Ministry"], program=["Order 7"], programId=["XX-7"],
               startDate=["2014-03-20"], reason=["Supplies arms."]),
        entity("s2", "Sanction", entity=["NK-1"], authority=["Agency"], listingDate=["2012-01-05T00:00:00"],
               endDate=["2020-01-01"]),
    )  # fmt: skip

    assert entry.programs == ("xx_list", "Order 7", "XX-7")
    assert (entry.start_date, entry.start_date_raw) == ("2012-01-05", "2014-03-20; 2012-01-05T00:00:00")
    assert (entry.end_date, entry.end_date_raw) == ("", "2020-01-01")
    assert entry.citation == "Ministry; Agency"
    assert "Listed by: Ministry, Order 7, 2014-03-20, Supplies arms." in entry.remarks


def test_an_entry_ends_only_when_every_sanction_has_ended():
    ends = [
        entity(f"s{number}", "Sanction", entity=["NK-1"], endDate=[day])
        for number, day in enumerate(["2020-01-01", "2021-01-01"])
    ]

    assert one(party(), *ends).end_date == "2021-01-01"
    assert one(party(), *ends, entity("s9", "Sanction", entity=["NK-1"])).end_date == ""
    assert one(party(), *ends, entity("s9", "Sanction", entity=["NK-1"], endDate=["2022"])).end_date == ""


@pytest.mark.parametrize(("day", "marks"), [("2014", ()), ("2014-03", ()), ("2014-02-30", ("impossible_date",))])
def test_a_start_that_is_no_whole_day_is_unknown_and_kept_as_printed(day, marks):
    entry = one(party(), entity("s1", "Sanction", entity=["NK-1"], startDate=[day]))

    assert (entry.start_date, entry.start_date_raw, entry.marks) == ("", day, marks)


def test_a_vessel_gives_its_facts():
    entry = one(party("Vessel", imoNumber=["IMO9187629"], flag=["ir"], type=["Tanker"], callSign=["9HMK9"]))

    assert entry.identifiers == ("IMO9187629, IMO",)
    assert entry.vessel == (("call_sign", "9HMK9"), ("vessel_type", "Tanker"), ("vessel_flag", "IR"))


def test_the_edition_is_the_newest_day_of_change():
    newer = entity("NK-2", "Person", name=["A"], meta={"last_change": "2024-06-01T01:02:03"})

    assert parse(lines(newer, party())).edition == "2024-06-01"
    assert parse(lines(party() | {"last_change": None})).edition == ""


def test_what_is_no_party_is_counted_by_schema():
    found = parse(
        lines(
            party(),
            entity("o1", "Ownership", owner=["NK-1"], asset=["NK-2"]),
            entity("o2", "Ownership", owner=["NK-1"], asset=["NK-3"]),
            entity("p1", "Position", name=["Mayor"]),
            entity("s1", "Sanction", entity=["NK-404"]),
        )
    )

    assert len(found.entries) == 1
    assert found.problems == ()
    assert found.notes == (
        ("schema Ownership", "2 lines, not loaded"),
        ("schema Position", "1 lines, not loaded"),
        ("documents and sanctions", "1 lines that point at no party of the file, not loaded"),
    )


def test_a_party_known_only_by_its_caption_is_loaded_and_marked():
    entry = one(entity("NK-1", "LegalEntity", meta={"caption": "info@example.com"}, email=["info@example.com"]))

    assert (entry.name, entry.marks) == ("info@example.com", ("no_name",))


# What is unreadable

FIRST = lines(entity("NK-0", "Person", name=["First"]))
LAST = lines(entity("NK-9", "Person", name=["Last"]))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{broken\n", "bad_json"),
        (b'["a"]\n', "bad_json"),
        (b'{"id": "a", "schema": "Person"} {}\n', "bad_json"),
        (b'{"id": "a", "id": "b", "schema": "Person", "properties": {}}\n', "bad_json"),
        (b'{"id": "a", "schema": "Person", "properties": {"name": [NaN]}}\n', "bad_json"),
        (b'{"id": "a", "schema": "Person", "properties": {"name": ["\\u0000"]}}\n', "bad_json"),
        (b'{"id": "a", "schema": "Person", "properties": {"name": ["\\ud800"]}}\n', "bad_json"),
        (b"[" * 100_000 + b"\n", "bad_json"),
        (b'{"id": "a", "schema": "Person"}\n', "wrong_entity"),
        (b'{"schema": "Person", "properties": {}}\n', "wrong_entity"),
        (b'{"id": "a", "schema": "Person", "properties": {"name": "A"}}\n', "wrong_entity"),
        (b'{"id": "a", "schema": "Person", "properties": {"sanctions": [{"id": "s"}]}}\n', "wrong_entity"),
        (b'{"id": "a", "schema": "Person", "properties": {"name": ["' + b"x" * 10_000_000 + b'"]}}\n', "wrong_entity"),
        (b'{"id": "a", "schema": "Robot", "properties": {}}\n', "unknown_schema"),
        (b'{"id": "a", "schema": "Person", "properties": {}}\n', "no_name"),
        (FIRST, "repeated_id"),
    ],
)
def test_a_line_that_cannot_be_read_is_reported_and_the_rest_is_loaded(line, code):
    found = parse(FIRST + b"\n" + line + LAST)

    assert [(problem.line, problem.code) for problem in found.unreadable] == [(3, code)]
    assert [entry.name for entry in found.entries] == ["First", "Last"]
    assert found.lines == (1, 4)


def test_a_number_of_any_length_is_kept_as_its_text():
    found = parse(FIRST + b'{"id": "a", "schema": "Person", "properties": {"name": [' + b"9" * 10_000 + b"]}}\n")

    assert found.entries[1].name == "9" * 10_000


def test_damaged_letters_are_marked():
    assert one(party(alias=["K\ufffdstrel"])).marks == ("replacement_character",)


# What is refused whole


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (FIRST + LAST[:-30], "cut_off", "line, 2"),
        (FIRST[:-30], "cut_off", "line, 1"),
        (b"a,b\n1,2\n", "not_ftm", "Line 1"),
        (b'{"results": []}\n', "not_ftm", "entities.ftm.json"),
        (b"<xml/>\n", "not_ftm", "Line 1"),
        (b"[" * 100_000, "not_ftm", "Line 1"),
        (lines(entity("o1", "Ownership")), "no_rows", "None of the 1 lines"),
        (FIRST.replace(b"First", b"F\0"), "nul_bytes", "line 1"),
        (FIRST.replace(b"First", b"F\xff"), "not_utf8", "line 1"),
        (FIRST + b"x\n" * 10_001, "too_many_unreadable", "10,000"),
    ],
)
def test_a_file_that_is_no_data_set_is_refused_with_a_sentence(data, code, words):
    with pytest.raises(RefusedFile, match=words) as caught:
        parse(data)

    assert caught.value.code == code


GOOD = lines(
    party(addressEntity=["a1"], country=["by"]),
    entity("a1", "Address", full=["1 Mill Road"]),
    entity("s1", "Sanction", entity=["NK-1"], startDate=["2014-03-20"]),
)


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


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["id", "schema", "caption", "properties", "datasets", "last_change"]), JSON_VALUES)
def test_a_field_of_any_type_is_read_or_reported(key, value):
    line = json.dumps(entity("NK-1", "Person", name=["A"]) | {key: value}).encode() + b"\n"

    found = parse(FIRST + line)

    assert 1 <= len(found.entries) + len(found.unreadable) <= 2


@given(st.integers(1, len(GOOD) - 2))
def test_a_file_cut_anywhere_inside_a_line_is_refused(at):
    cut = GOOD[:at]
    if cut.endswith((b"\n", b"}\n")) or GOOD[at : at + 1] == b"\n":
        return

    with pytest.raises(RefusedFile) as caught:
        parse(cut)

    assert caught.value.code == "cut_off"
