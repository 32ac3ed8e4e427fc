"""Which entries of two sources are one party, and which stay apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.accounts.models import User
from compliance.watchlists import services as lists
from compliance.watchlists.models import Entry, EntryRevision
from compliance.watchlists.twins import COMMON, pair
from tests.factories import rule_bytes
from tests.watchlists.samples import csl, entity, listed, load, part744, rule

PLAZA = "Room 1201, Harbor Plaza, 88 Nanjing Road, Qingdao"
MILL = "Building 4, Mill Lane, Tianshan District, Urumqi"

ALDER = listed("Alder Optics Co., Ltd.", PLAZA, MILL, citation="84 FR 54004", citations=(("84 FR 54004", ""),))


def paired(new, other) -> bool:
    return pair({"new": new}, {7: other}) == {"new": 7}


# --- one party -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copy",
    [
        replace(ALDER, addresses=ALDER.addresses[::-1], citation="84 FR 54002", citations=()),
        replace(ALDER, name="ALDER OPTICS CO LTD"),
        replace(ALDER, name="Alder Optics Co., Ltd.", destination="CN", addresses=()),
        replace(ALDER, addresses=()),
    ],
    ids=["order and page", "punctuation", "no address", "no country"],
)
def test_the_same_name_is_one_party_whatever_the_order_of_its_addresses_and_the_page_of_its_rule(copy):
    assert paired(copy, ALDER)


def test_a_name_with_lost_letters_is_one_party_by_its_address():
    whole = listed("Société Générale d'Avionique Lumière", PLAZA)

    assert paired(listed("Soci?t? G?n?rale d'Avionique Lumi?re", PLAZA), whole)
    assert not paired(listed("Soci?t? G?n?rale d'Avionique Lumi?re", MILL), whole)


def test_another_spelling_of_a_name_is_one_party_by_its_address():
    uighur = listed("Hami Uighur Autonomous Bureau of Water", MILL)

    assert paired(replace(uighur, name="Hami Uyghur Autonomous Bureau of Water"), uighur)


def test_a_name_that_is_an_alias_of_the_other_is_one_party():
    other = listed("Birch Avionics Group", MILL, aliases=("Alder Optics Co., Ltd.",))

    assert paired(listed("Alder Optics Co., Ltd.", PLAZA), other)


def test_an_address_is_the_same_with_its_country_as_a_name_or_left_out():
    uighur = listed("Hami Uighur Bureau of Water", f"{MILL}, China")

    assert paired(listed("Hami Uyghur Bureau of Water", MILL), uighur)


def test_the_official_number_of_ofac_is_the_same_party_whatever_its_name():
    one = listed("KARIMOV, Anvar", list_code="SDN", entity_number="21944", country="UZ")

    assert paired(replace(one, name="KARIMOFF, A.", addresses=listed("x", "Y", country="RU").addresses), one)


# --- two parties -----------------------------------------------------------------------------------------------------


def test_two_numbers_of_ofac_are_two_parties_though_their_names_are_equal():
    one = listed("KARIMOV, Anvar", list_code="SDN", entity_number="21944")

    assert not paired(replace(one, entity_number="30001"), one)


def test_like_sisters_at_one_address_stay_apart():
    assert not paired(listed("Dahlia Technology", PLAZA), listed("Magnolia Technology", PLAZA))
    assert not paired(listed("Hami Bureau of Water", MILL), listed("Hami Bureau of Roads", MILL))


def test_names_that_differ_in_a_number_stay_apart():
    assert not paired(
        listed("Northern Precision Plant No. 54", PLAZA), listed("Northern Precision Plant No. 55", PLAZA)
    )


def test_equal_names_under_countries_that_contradict_stay_apart():
    assert not paired(listed("Alder Optics", "1 Road", country="RU"), listed("Alder Optics", "1 Road", country="CN"))


def test_equal_names_on_two_lists_stay_apart():
    assert not paired(replace(ALDER, list_code="UVL"), ALDER)


def test_what_is_ambiguous_stays_apart():
    twins = {1: ALDER, 2: replace(ALDER, addresses=ALDER.addresses[:1])}

    assert pair({"new": replace(ALDER, addresses=())}, twins) == {}


def test_a_tie_between_two_like_names_stays_apart():
    others = {1: listed("Hami Uighur Bureau", MILL), 2: listed("Hami Uighur Bureau", MILL)}

    assert pair({"new": listed("Hami Uyghur Bureau", MILL)}, others) == {}


def test_an_address_that_many_share_tells_nobody_apart():
    others = {number: listed(f"Hami Uighur Bureau {chr(65 + number)}", MILL) for number in range(COMMON + 1)}

    assert pair({"new": listed("Hami Uyghur Bureau A", MILL)}, others) == {}


def test_pairs_are_one_to_one():
    new = {"a": ALDER, "b": replace(ALDER, name="Alder Optics Co", addresses=ALDER.addresses[:1])}

    found = pair(new, {1: ALDER, 2: replace(ALDER, name="Alder Optic Co., Ltd.")})

    assert found["a"] == 1
    assert len(set(found.values())) == len(found)


# --- stored ----------------------------------------------------------------------------------------------------------


def texts_of(name: str) -> list[tuple[int, str]]:
    """The entry and the source of every text in force under this name."""
    rows = EntryRevision.objects.in_force().filter(name=name).order_by("version__source__key")
    return list(rows.values_list("entry", "version__source__key"))


def one_entry(name: str) -> list[str]:
    """The sources that print this name now, which must be one entry."""
    texts = texts_of(name)
    assert len({entry for entry, _source in texts}) == 1
    return [source for _entry, source in texts]


@pytest.mark.django_db
def test_a_party_known_from_two_sources_is_one_entry_with_both_texts():
    load("csl", csl("Alder Optics", "Birch Avionics"))

    version = load("ecfr744", part744("Alder Optics, 12 Lake Road, Harbin, China.", "Cedar Labs, 3 Lu, Xian, China."))

    assert one_entry("Alder Optics") == ["csl", "ecfr744"]
    assert version.added == 4  # its texts are new, though one party is known


@pytest.mark.django_db
def test_two_versions_that_waited_side_by_side_share_their_parties_once_both_are_active():
    first = load("csl", csl("Alder Optics"), activate=False)
    second = load("ecfr744", part744("Alder Optics, 12 Lake Road, Harbin, China."), activate=False)

    for version in (first, second):
        lists.activate(version=version, actor=version.loaded_by)

    assert one_entry("Alder Optics") == ["csl", "ecfr744"]


@pytest.mark.django_db
def test_planning_a_version_again_makes_no_new_entries():
    version = load("csl", csl("Alder Optics", "Birch Avionics"), activate=False)
    entries = Entry.objects.count()

    lists.activate(version=version, actor=version.loaded_by)

    assert Entry.objects.count() == entries == 2


@pytest.mark.django_db
def test_a_rule_loaded_into_one_source_joins_the_party_that_another_prints():
    load("csl", csl("Alder Optics"))

    rule(names=[entity("Alder Optics")], source="ecfr744")

    assert one_entry("Alder Optics") == ["csl", "ecfr744"]


@pytest.mark.django_db
def test_a_rule_does_not_remove_from_one_source_what_only_another_prints():
    load("csl", csl("Alder Optics"))

    loaded = lists.load(
        key="rule", data=rule_bytes(source="ecfr744", remove=[{"name": "Alder Optics"}]), filename="rule.json",
        actor=User.objects.system(), activate_now=True,
    )  # fmt: skip

    assert (loaded.state, "not on the list" in loaded.sentence) == ("refused", True)
    assert one_entry("Alder Optics") == ["csl"]


@pytest.mark.django_db
def test_a_party_that_one_source_drops_stays_listed_by_the_other_and_joins_it_again():
    load("csl", csl("Alder Optics", "Birch Avionics", "Cedar Labs"))
    load("ecfr744", part744("Alder Optics, 12 Lake Road, Harbin, China."))
    before = texts_of("Alder Optics")[0][0]

    load("csl", csl("Birch Avionics", "Cedar Labs"))

    assert one_entry("Alder Optics") == ["ecfr744"]
    load("csl", csl("Alder Optics", "Birch Avionics", "Cedar Labs", "Dogwood Marine"))
    assert one_entry("Alder Optics") == ["csl", "ecfr744"]
    assert texts_of("Alder Optics")[0][0] == before
