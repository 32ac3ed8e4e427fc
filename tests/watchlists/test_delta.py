"""What changed between two states, and what a rule makes of the state before it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.watchlists.delta import Known, apply_change, compute
from compliance.watchlists.fingerprint import keys_of
from compliance.watchlists.parsers import (
    ListedAddress,
    ListedEntry,
    ParsedList,
    RefusedFile,
    Removal,
    Revision,
    parse,
)

SHARED_CSL = Path(__file__).resolve().parents[3] / "shared" / "data" / "csl"
needs_shared = pytest.mark.skipif(not SHARED_CSL.is_dir(), reason="the real lists (../shared/data/csl) are not here")


def entry(name: str, address: str = "12 Science Road, Hangzhou", country: str = "CN", **fields) -> ListedEntry:
    fields = {"list_code": "EL", "citation": "84 FR 54002"} | fields
    return ListedEntry(name=name, addresses=(ListedAddress(address, country),), **fields)


def state(*entries: ListedEntry) -> dict[str, ListedEntry]:
    return dict(zip(keys_of(entries), entries, strict=True))


def known(entries: dict[str, ListedEntry]) -> dict[str, Known]:
    return {key: Known.of(item) for key, item in entries.items()}


def delta_of(before, after):
    return compute(known(state(*before)), state(*after))


YITU, MEGVII, DAHUA = entry("Yitu Technologies"), entry("Megvii Technology"), entry("Dahua Technology")


def test_the_same_list_twice_is_no_change():
    found = delta_of([YITU, MEGVII], [MEGVII, YITU])

    assert found.is_empty
    assert found.unchanged == 2


def test_added_and_removed_are_told_by_key():
    found = delta_of([YITU, MEGVII], [YITU, entry("Sense Time", address="99 Lake Street, Beijing")])

    assert found.added == ["EL|sense time|CN|84 FR 54002"]
    assert found.removed == ["EL|megvii technology|CN|84 FR 54002"]
    assert (found.modified, found.unchanged) == ([], 1)


def test_a_changed_text_is_a_modification_that_says_what_changed():
    found = delta_of([YITU], [replace(YITU, aliases=("Yitu",))])

    (change,) = found.modified
    assert change.changes == {"aliases": ([], ["Yitu"])}
    assert change.key_before == change.key_after


@pytest.mark.parametrize(
    "after",
    [
        replace(YITU, citation="84 FR 54004"),
        replace(YITU, addresses=(ListedAddress("Kowloon", "HK"),)),
        replace(YITU, name="YITU  Technologies?", citation="85 FR 1"),
    ],
)
def test_the_same_name_in_one_list_is_one_identity_though_its_key_changed(after):
    found = delta_of([YITU, MEGVII], [after, MEGVII])

    assert (found.added, found.removed, found.unchanged) == ([], [], 1)
    assert found.modified[0].key_before != found.modified[0].key_after


def test_the_same_name_twice_on_one_side_is_not_paired_by_name_alone():
    found = delta_of([YITU], [replace(YITU, citation="85 FR 1"), replace(YITU, citation="86 FR 2")])

    assert (len(found.added), len(found.removed), found.modified) == (2, 1, [])


@pytest.mark.parametrize(
    "after",
    [
        entry("Yitu Technologies Shanghai"),
        entry("Shanghai Yituo Net", address="Elsewhere", aliases=("Yitu Technologies",)),
    ],
)
def test_a_rename_under_one_citation_is_a_modification_when_address_or_alias_shows_it(after):
    found = delta_of([YITU, MEGVII], [after, MEGVII])

    assert (len(found.modified), found.added, found.removed) == (1, [], [])


@pytest.mark.parametrize(
    "after",
    [
        entry("Yitu Technologies Shanghai", citation="85 FR 1"),
        entry("Yitu Technologies Shanghai", address="9 Long Avenue, Chengdu"),
        entry("Aviation Works No. 54"),
        entry("Dahua Technologies"),
        entry("Yitu Technologies", list_code="UVL"),
    ],
)
def test_what_shows_no_rename_is_a_removal_and_an_addition(after):
    found = delta_of([YITU], [after])

    assert (len(found.added), len(found.removed), found.modified) == (1, 1, [])


def test_two_entity_numbers_of_ofac_are_two_parties_though_their_names_are_equal():
    kim = ListedEntry(list_code="SDN", name="KIM, Jong Il", entity_number="1")

    found = delta_of([kim], [replace(kim, entity_number="2")])

    assert (len(found.added), len(found.removed)) == (1, 1)


def test_a_twin_that_comes_changes_the_key_of_the_other_but_not_its_text():
    twin = replace(YITU, addresses=(ListedAddress("7 Other Road, Wuhan", "CN"),))

    found = delta_of([YITU], [YITU, twin])

    assert found.rekeyed == [("EL|yitu technologies|CN|84 FR 54002", keys_of([YITU, twin])[0])]
    assert (len(found.added), found.unchanged, found.removed) == (1, 1, [])


def test_of_two_twins_the_one_at_the_changed_address_is_modified():
    near = replace(YITU, addresses=(ListedAddress("12 Science Road, Hangzhou 310000", "CN"),))
    twin = replace(YITU, addresses=(ListedAddress("7 Other Road, Wuhan", "CN"),))

    found = delta_of([twin, YITU], [near])

    assert found.removed == [keys_of([twin, YITU])[0]]
    assert found.modified[0].changes.keys() == {"addresses"}


# A change by rule


def change(added=(), revised=(), removed=()) -> ParsedList:
    return ParsedList(form="change", entries=tuple(added), revised=tuple(revised), removed=tuple(removed))


def applied(before, rule):
    stored = known(state(*before))
    after = apply_change(stored, rule)
    return after, compute(stored, after)


def test_a_rule_adds_revises_and_removes_on_top_of_what_is_in_force():
    rule = change(
        added=[DAHUA],
        revised=[Revision("YITU Technologies", "CN", "EL", {"aliases": ("Yitu",)})],
        removed=[Removal("Megvii Technology", "", "EL")],
    )

    after, found = applied([YITU, MEGVII], rule)

    assert {item.name for item in after.values()} == {"Yitu Technologies", "Dahua Technology"}
    assert (len(found.added), len(found.modified), len(found.removed)) == (1, 1, 1)


def test_adding_an_entry_that_is_there_is_no_change():
    assert applied([YITU], change(added=[YITU]))[1].is_empty


def test_adding_an_entry_that_is_there_with_other_text_is_a_modification():
    _, found = applied([YITU, MEGVII], change(added=[replace(YITU, aliases=("Yitu",))]))

    assert (len(found.modified), found.added, found.removed) == (1, [], [])


def test_twins_added_together_stay_two():
    twin = replace(YITU, addresses=(ListedAddress("7 Other Road, Wuhan", "CN"),))

    after, found = applied([], change(added=[YITU, twin]))

    assert (len(after), len(found.added)) == (2, 2)


def test_a_rename_by_rule_keeps_the_identity_whatever_the_new_name():
    rule = change(revised=[Revision("Yitu Technologies", "CN", "EL", {"name": "Quite Another", "citation": "86 FR 9"})])

    _, found = applied([YITU, MEGVII], rule)

    assert [item.changes.keys() for item in found.modified] == [{"name", "citation"}]
    assert (found.added, found.removed) == ([], [])


def test_an_entry_removed_and_added_anew_in_one_rule_is_a_modification():
    _, found = applied([YITU], change(added=[replace(YITU, title="x")], removed=[Removal(YITU.name, "CN", "EL")]))

    assert (len(found.modified), found.added, found.removed) == (1, [], [])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (change(removed=[Removal("Nobody Ltd.", "CN", "EL")]), "remove “Nobody Ltd.”.*not on the list"),
        (change(removed=[Removal("Yitu Technologies", "RU", "EL")]), "listed under CN"),
        (change(removed=[Removal("Yitu Technologies", "CN", "UVL")]), "not on the list"),
        (change(revised=[Revision("Nobody Ltd.", "", "EL", {"name": "X"})]), "revise “Nobody Ltd.”"),
        (change(revised=[Revision("Twin", "", "EL", {"name": "X"})]), "2 entries have that name"),
        (change(revised=[Revision("Yitu Technologies", "CN", "EL", {"colour": "red"})]), "sets colour"),
        (
            change(
                revised=[Revision("Yitu Technologies", "CN", "EL", {"title": "x"})],
                removed=[Removal("Yitu Technologies", "", "EL")],
            ),
            "remove and revise",
        ),
    ],
)
def test_a_rule_that_does_not_fit_the_list_is_refused_by_name(rule, words):
    with pytest.raises(RefusedFile, match=words):
        applied([YITU, entry("Twin"), entry("Twin", country="HK")], rule)


def test_a_whole_file_is_not_applied_as_a_change():
    with pytest.raises(ValueError, match="Only a change"):
        apply_change({}, ParsedList(form="whole", entries=()))


# Properties

small = st.builds(
    entry,
    st.sampled_from(["Alpha Works", "Alpha Works Ltd", "Beta", "Alpha?Works", ""]),
    address=st.sampled_from(["", "12 Science Road, Hangzhou", "12 Science Road, Hangzhou 310000", "Wuhan"]),
    country=st.sampled_from(["CN", "HK"]),
    list_code=st.sampled_from(["EL", "SDN"]),
    entity_number=st.sampled_from(["", "1", "2"]),
    citation=st.sampled_from(["84 FR 1", "85 FR 2", ""]),
    aliases=st.lists(st.sampled_from(["Beta", "Gamma"]), max_size=2, unique=True).map(tuple),
)
lists = st.lists(small, max_size=9)


@given(lists)
def test_equal_lists_have_an_empty_delta(listed):
    found = delta_of(listed, listed)

    assert found.is_empty
    assert (found.unchanged, found.rekeyed) == (len(listed), [])


@given(
    st.lists(small, max_size=9, unique=True).flatmap(lambda items: st.tuples(st.just(items), st.permutations(items)))
)
def test_order_is_no_change(pair):
    assert delta_of(*pair).is_empty


@given(lists, lists)
@settings(max_examples=300)
def test_a_delta_accounts_for_every_entry_and_is_symmetric(left, right):
    there, back = delta_of(left, right), delta_of(right, left)

    kept = len(there.modified) + len(there.cosmetic) + there.unchanged
    assert len(there.removed) + kept == len(left)
    assert len(there.added) + kept == len(right)
    assert sorted(there.added) == sorted(back.removed)
    assert sorted(there.removed) == sorted(back.added)
    assert there.unchanged == back.unchanged
    assert {(item.key_before, item.key_after) for item in there.modified} == {
        (item.key_after, item.key_before) for item in back.modified
    }


@given(lists, lists)
def test_after_a_rule_every_entry_it_adds_is_in_force(before, added):
    after = apply_change(known(state(*before)), change(added=added))

    prints = {Known.of(item).fingerprint for item in after.values()}
    assert {Known.of(item).fingerprint for item in added} <= prints
    assert len(after) >= len(before)


# The real files


def load(name: str) -> dict[str, ListedEntry]:
    return state(*parse("csl", (SHARED_CSL / name).read_bytes(), name).entries)


@needs_shared
def test_the_two_lists_of_october_2019_differ_by_exactly_the_28():
    found = compute(known(load("derived_entity_list_2019-10-08.csv.gz")), load("derived_entity_list_2019-10-09.csv.gz"))

    assert (len(found.added), len(found.modified), len(found.removed)) == (28, 0, 0)
    assert found.unchanged == 1_209
    assert "EL|dahua technology|CN|84 FR 54002" in found.added


@needs_shared
def test_the_full_list_is_compared_in_under_two_seconds():
    listed = load("csl_2022-04-21_full.csv.gz")
    stored = known({key: replace(item, remarks=item.remarks + " x") for key, item in listed.items()})

    started = time.perf_counter()
    found = compute(stored, listed)

    assert time.perf_counter() - started < 2
    assert (len(found.modified), found.added, found.removed) == (14_160, [], [])
