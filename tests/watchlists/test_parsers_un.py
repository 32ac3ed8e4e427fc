"""The UN Consolidated List: what an individual and an entity give, what is marked, what is refused whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, ListedEntry, ParsedList, RefusedFile, un, unpack

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "other_lists"
needs_real_lists = pytest.mark.skipif(not SHARED.is_dir(), reason="the real lists (../shared/data) are not here")

PERSON = """
<FIRST_NAME>Ivo</FIRST_NAME><SECOND_NAME> Maral </SECOND_NAME><FOURTH_NAME>KESTREL</FOURTH_NAME>
<UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE><REFERENCE_NUMBER>QDi.901</REFERENCE_NUMBER>
<LISTED_ON>2014-09-23</LISTED_ON><GENDER>Male</GENDER><COMMENTS1>Seen in May 2015.</COMMENTS1>
"""
ENTITY = """
<FIRST_NAME>KESTREL TRADING</FIRST_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE>
<REFERENCE_NUMBER>KPe.901</REFERENCE_NUMBER><LISTED_ON>2017-06-02</LISTED_ON><COMMENTS1/>
"""


def un_file(*, individuals: str = "", entities: str = f"<ENTITY>{ENTITY}</ENTITY>") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z">\n'
        f"<INDIVIDUALS>{individuals}</INDIVIDUALS>\n<ENTITIES>{entities}</ENTITIES>\n</CONSOLIDATED_LIST>\n"
    ).encode()


def parse(data: bytes) -> ParsedList:
    return un.parse(data, "un.xml")


def person(extra: str = "", base: str = PERSON) -> ListedEntry:
    (entry,) = parse(un_file(individuals=f"<INDIVIDUAL>{base}{extra}</INDIVIDUAL>", entities="")).entries
    return entry


def refusal(data: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        parse(data)
    return caught.value


# What an entry gives


def test_an_individual_gives_its_facts():
    entry = person()

    assert (entry.list_code, entry.kind, entry.name) == ("UN", "person", "Ivo Maral KESTREL")
    assert (entry.entity_number, entry.programs) == ("QDi.901", ("Al-Qaida",))
    assert (entry.start_date, entry.start_date_raw) == ("2014-09-23", "2014-09-23")
    assert entry.remarks == "Seen in May 2015.\nGender: Male"
    assert entry.marks == ()


def test_the_edition_is_the_day_on_which_the_list_was_generated():
    found = parse(un_file())

    assert (found.form, found.edition, found.list_counts) == ("whole", "2026-02-27", {"UN": 1})
    assert found.entries[0].kind == "organization"


def test_an_entry_knows_the_line_where_its_party_begins():
    found = parse(un_file(individuals=f"\n<INDIVIDUAL>{PERSON}</INDIVIDUAL>"))

    assert found.lines == (4, 9)


@pytest.mark.parametrize(
    ("quality", "strong", "weak"),
    [
        ("Good", ("Iwo Kestrel",), ()),
        ("a.k.a.", ("Iwo Kestrel",), ()),
        ("f.k.a.", ("Iwo Kestrel",), ()),
        ("", ("Iwo Kestrel",), ()),
        ("Low", (), ("Iwo Kestrel",)),
    ],
)
def test_only_an_alias_of_low_quality_is_weak(quality, strong, weak):
    alias = f"<QUALITY>{quality}</QUALITY><ALIAS_NAME>Iwo Kestrel</ALIAS_NAME>"
    entry = person(f"<INDIVIDUAL_ALIAS>{alias}</INDIVIDUAL_ALIAS>")

    assert (entry.aliases, entry.weak_aliases) == (strong, weak)


def test_an_alias_of_unknown_quality_is_screened_on_and_marked():
    entry = person("<INDIVIDUAL_ALIAS><QUALITY>Fair</QUALITY><ALIAS_NAME>Iwo</ALIAS_NAME></INDIVIDUAL_ALIAS>")

    assert (entry.aliases, entry.marks) == (("Iwo",), ("unknown_alias_quality",))


def test_names_in_the_original_script_are_aliases_also_when_a_note_gives_them():
    entry = person(
        "<NAME_ORIGINAL_SCRIPT>иво</NAME_ORIGINAL_SCRIPT><INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY>"
        "<ALIAS_NAME>Vostok</ALIAS_NAME><NOTE>original script: Восток</NOTE></INDIVIDUAL_ALIAS>"
    )

    assert (entry.aliases, entry.weak_aliases) == (("иво",), ("Vostok", "Восток"))


def test_several_aliases_in_one_field_are_several_aliases():
    entry = person(
        "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>A K; B K b) C K</ALIAS_NAME></INDIVIDUAL_ALIAS>"
    )

    assert entry.aliases == ("A K", "B K", "C K")


def test_several_names_in_the_name_field_stay_the_name_and_become_aliases():
    (entry,) = parse(un_file(entities="<ENTITY><FIRST_NAME>AIR ONE ; AIR TWO</FIRST_NAME></ENTITY>")).entries

    assert (entry.name, entry.aliases) == ("AIR ONE ; AIR TWO", ("AIR ONE", "AIR TWO"))
    assert "joined_names" in entry.marks


@pytest.mark.parametrize(
    ("birth", "text"),
    [
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1979-08-01</DATE>", "1979-08-01"),
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1979</YEAR>", "1979"),
        ("<TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1979</YEAR>", "circa 1979"),
        ("<TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1968</FROM_YEAR><TO_YEAR>1973</TO_YEAR>", "1968 to 1973"),
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><NOTE>Nov. 1973 </NOTE>", "Nov. 1973"),
        ("<DATE>1979-08-01</DATE><NOTE>from a false passport</NOTE>", "1979-08-01 (from a false passport)"),
    ],
)
def test_a_date_of_birth_is_written_as_the_csl_writes_it(birth, text):
    entry = person(f"<INDIVIDUAL_DATE_OF_BIRTH>{birth}</INDIVIDUAL_DATE_OF_BIRTH>")

    assert (entry.dates_of_birth, entry.marks) == ((text,), ())


def test_a_date_of_birth_of_an_alias_names_the_alias():
    entry = person(
        "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Iwo</ALIAS_NAME><DATE_OF_BIRTH>1968-05-25</DATE_OF_BIRTH>"
        "<CITY_OF_BIRTH>Tunis</CITY_OF_BIRTH><COUNTRY_OF_BIRTH>Tunisia</COUNTRY_OF_BIRTH></INDIVIDUAL_ALIAS>"
    )

    assert (entry.dates_of_birth, entry.places_of_birth) == (("1968-05-25 (as Iwo)",), ("Tunis, Tunisia (as Iwo)",))


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("Iran (Islamic Republic of)", "IR"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Georgia", "GE"),
        ("Türkiye", "TR"),
        ("China, Hong Kong Special Administrative Region", "HK"),
    ],
)
def test_an_address_has_the_code_of_its_country(country, code):
    entry = person(f"<INDIVIDUAL_ADDRESS><CITY>Town</CITY><COUNTRY>{country}</COUNTRY></INDIVIDUAL_ADDRESS>")

    assert entry.addresses == (ListedAddress(f"Town, {country}", code),)


def test_a_country_that_is_none_leaves_the_address_without_code_and_is_marked():
    entry = person("<INDIVIDUAL_ADDRESS><COUNTRY>the border region</COUNTRY></INDIVIDUAL_ADDRESS>")

    assert entry.addresses == (ListedAddress("the border region", ""),)
    assert entry.marks == ("unknown_country",)


def test_a_note_on_an_address_goes_to_the_remarks():
    entry = person("<INDIVIDUAL_ADDRESS><CITY>Goma</CITY><NOTE>as of June 2016</NOTE></INDIVIDUAL_ADDRESS>")

    assert "Address Goma: as of June 2016" in entry.remarks.splitlines()


def test_a_document_is_printed_as_the_csl_prints_it():
    entry = person(
        "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>X123456</NUMBER>"
        "<ISSUING_COUNTRY>Jordan</ISSUING_COUNTRY><DATE_OF_ISSUE>2009-08-31</DATE_OF_ISSUE>"
        "<NOTE>expired on 30 Aug. 2014</NOTE></INDIVIDUAL_DOCUMENT>"
    )

    assert entry.identifiers == ("JO, 2009-08-31, X123456, Passport",)
    assert "Passport X123456: expired on 30 Aug. 2014" in entry.remarks


def test_a_document_without_number_is_told_in_the_remarks():
    entry = person(
        "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NOTE>MISUSE</NOTE></INDIVIDUAL_DOCUMENT>"
    )

    assert entry.identifiers == ()
    assert "Passport: MISUSE" in entry.remarks


def test_titles_designations_and_nationalities_are_read_from_their_values():
    entry = person(
        "<TITLE><VALUE>Haji</VALUE></TITLE><DESIGNATION><VALUE>Governor</VALUE></DESIGNATION>"
        "<NATIONALITY><VALUE>Jordan</VALUE><VALUE>Qatar</VALUE></NATIONALITY>"
    )

    assert (entry.title, entry.nationalities) == ("Haji; Governor", ("Jordan", "Qatar"))


def test_a_day_with_a_time_zone_is_that_day():
    entry = person(base=PERSON.replace("2014-09-23", "2015-04-07-04:00"))

    assert (entry.start_date, entry.start_date_raw, entry.marks) == ("2015-04-07", "2015-04-07-04:00", ())


def test_book_keeping_of_the_list_is_no_content():
    entry = person(
        "<DATAID>1</DATAID><VERSIONNUM>7</VERSIONNUM><LAST_DAY_UPDATED><VALUE>2020-01-01</VALUE></LAST_DAY_UPDATED>"
    )

    assert entry == person()


# What is marked, what is unreadable


@pytest.mark.parametrize(
    ("old", "new", "mark"),
    [
        ("<LISTED_ON>2014-09-23</LISTED_ON>", "", "missing_date"),
        ("2014-09-23", "2014-02-30", "impossible_date"),
        ("<REFERENCE_NUMBER>QDi.901</REFERENCE_NUMBER>", "", "missing_entity_number"),
        ("Seen in May", "Seen\ufffdin May", "replacement_character"),
        ("KESTREL", "KE?TREL", "lost_letters"),
    ],
)
def test_damage_is_marked_and_reported_with_its_line(old, new, mark):
    found = parse(un_file(individuals=f"<INDIVIDUAL>{PERSON.replace(old, new)}</INDIVIDUAL>"))

    assert found.entries[0].marks == (mark,)
    assert [(problem.line, problem.code, problem.severity) for problem in found.problems] == [(3, mark, "damaged")]


def test_a_field_that_the_list_did_not_have_is_kept_in_the_remarks_and_marked():
    entry = person(
        "<INTERPOL><LINK>see there</LINK></INTERPOL><INDIVIDUAL_ADDRESS><PHONE>1</PHONE></INDIVIDUAL_ADDRESS>"
    )

    assert entry.marks == ("unknown_field",)
    assert "INTERPOL: see there" in entry.remarks
    assert "PHONE: 1" in entry.remarks


def test_a_reference_number_given_twice_is_marked():
    found = parse(un_file(entities=f"<ENTITY>{ENTITY}</ENTITY>\n<ENTITY>{ENTITY}</ENTITY>"))

    assert [entry.marks for entry in found.entries] == [(), ("duplicated_id",)]


@pytest.mark.parametrize(
    ("party", "code"),
    [
        ("<REFERENCE_NUMBER>QDi.902</REFERENCE_NUMBER>", "no_name"),
        (f"<FIRST_NAME>A</FIRST_NAME><COMMENTS1>{'x' * 200_000}</COMMENTS1>", "too_long"),
    ],
)
def test_a_party_that_cannot_be_read_is_reported_and_the_rest_is_loaded(party, code):
    found = parse(un_file(individuals=f"<INDIVIDUAL>{party}</INDIVIDUAL>"))

    assert [problem.code for problem in found.unreadable] == [code]
    assert [entry.name for entry in found.entries] == ["KESTREL TRADING"]


# What is refused whole

BOMB = b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>'
OUTSIDE = b'<!DOCTYPE l SYSTEM "file:///etc/hostname"><CONSOLIDATED_LIST/>'


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (b"a,b\n1,2\n", "not_xml", "does not begin as XML"),
        (b"<sdnList/>", "wrong_layout", "sdnList"),
        (b"<CONSOLIDATED_LIST/>", "wrong_layout", "INDIVIDUALS"),
        (un_file(entities=""), "no_rows", "no party"),
        (un_file(entities="<SHIP/>"), "wrong_layout", "line 4 begins the part .SHIP"),
        (un_file().replace(b"</ENTITIES>", b"</ENTITIES><VESSELS/>"), "wrong_layout", "VESSELS"),
        (un_file().replace(b"TRADING", b"A & B"), "not_well_formed", "line 5"),
        (un_file()[:-40], "cut_off", "line 7"),
        (un_file().replace(b"UTF-8", b"latin-1"), "not_utf8", "latin-1"),
        (un_file(individuals="").replace(b"TRADING", "É".encode("latin-1")), "not_utf8", "line 5"),
        (un_file().replace(b"TRADING", b"\0"), "nul_bytes", "line 5"),
        (un_file().replace(b"TRADING", b"&#0;"), "not_well_formed", "line 5"),
        (BOMB, "unsafe_xml", "entities"),
        (OUTSIDE, "unsafe_xml", "document type"),
        (b"<a>" * 100_000, "not_xml", "50 deep"),
        (b"<a", "cut_off", "line 1"),
    ],
)
def test_a_file_that_is_no_whole_list_is_refused_with_a_sentence(data, code, words):
    error = refusal(data)

    assert error.code == code
    with pytest.raises(RefusedFile, match=f"(?i){words}"):
        raise error


GOOD = un_file(individuals=f"<INDIVIDUAL>{PERSON}</INDIVIDUAL>")


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


# The real lists


@needs_real_lists
def test_the_real_list_of_2026_loads_whole():
    found = parse(unpack((SHARED / "un_consolidated_2026-02-27.xml.gz").read_bytes()))

    assert sum(entry.kind == "person" for entry in found.entries) == 730
    assert sum(entry.kind == "organization" for entry in found.entries) == 273
    assert (found.edition, found.unreadable) == ("2026-02-27", ())
    assert found.problem_counts == {"replacement_character": 1, "joined_names": 1}
    assert len({entry.entity_number for entry in found.entries}) == 1003
    assert all(entry.start_date for entry in found.entries)
    assert not [entry for entry in found.entries if "unknown_field" in entry.marks]


@needs_real_lists
def test_the_real_list_that_is_not_well_formed_is_refused_at_its_first_bad_line():
    error = refusal(unpack((SHARED / "un_consolidated_2024-10-16.xml.gz").read_bytes()))

    assert (error.code, error.line) == ("not_well_formed", 39_788)
