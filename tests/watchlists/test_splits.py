"""Renames, splits and merges are told as such, and an identity keeps the history of its keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from compliance.watchlists.delta import Known, compute
from compliance.watchlists.fingerprint import keys_of
from compliance.watchlists.models import EntryRevision, KeyChange, ListVersion, Relation
from compliance.watchlists.parsers import ListedAddress, ListedEntry
from tests.watchlists.samples import NOON, csl, listed, load, row, rule

LAB = listed(
    "Poplar Research Group", "12 Lake Road, Harbin", citation="84 FR 54002", aliases=("Poplar Labs", "Poplar Optics")
)
OPTICS = listed("Poplar Optics", "9 Mill Lane, Urumqi", citation="86 FR 11")


def delta_of(before, after):
    known = {key: Known.of(item) for key, item in zip(keys_of(before), before, strict=True)}
    return compute(known, dict(zip(keys_of(after), after, strict=True)))


# --- the comparison --------------------------------------------------------------------------------------------------


def test_an_alias_that_becomes_an_entry_of_its_own_is_a_split():
    rest = replace(LAB, aliases=("Poplar Labs",))

    found = delta_of([LAB], [rest, OPTICS])

    assert found.splits == {keys_of([OPTICS])[0]: keys_of([LAB])[0]}
    assert (len(found.added), len(found.modified), found.removed) == (1, 1, [])


def test_an_entry_whose_name_becomes_an_alias_of_another_is_a_merge():
    rest = replace(LAB, aliases=("Poplar Labs",))

    found = delta_of([rest, OPTICS], [LAB])

    assert found.merges == {keys_of([OPTICS])[0]: keys_of([LAB])[0]}
    assert (found.added, len(found.modified), len(found.removed)) == ([], 1, 1)


def test_an_entry_whose_name_two_others_bear_is_no_split_of_either():
    sister = replace(LAB, name="Willow Research Group", addresses=())

    found = delta_of([LAB, sister], [replace(LAB, aliases=()), replace(sister, aliases=()), OPTICS])

    assert (found.splits, len(found.added)) == ({}, 1)


def test_an_addition_whose_name_nobody_bore_is_no_split():
    found = delta_of([LAB], [replace(LAB, aliases=()), listed("Cedar Labs", "3 Lu, Xian")])

    assert found.splits == {}


# --- what is stored of it --------------------------------------------------------------------------------------------


@pytest.fixture
def clock(db):
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def group(aliases: str = "Poplar Labs; Poplar Optics", **cells: str) -> dict[str, str]:
    return row(cells.pop("name", "Poplar Research Group"), alt_names=aliases, **cells)


def own_row(**cells: str) -> dict[str, str]:
    return row("Poplar Optics", "9 Mill Lane, Urumqi, CN", federal_register_notice="86 FR 11", **cells)


def relations(version: ListVersion) -> list[tuple[str, str, int | None]]:
    return list(version.deltas.exclude(relation="").values_list("op", "relation", "related"))


def entry_of(name: str) -> int:
    return EntryRevision.objects.in_force().values_list("entry", flat=True).get(name=name)


def test_a_split_is_told_on_the_new_entry_with_the_one_it_came_from(clock):
    load("csl", csl(group(), "Birch Avionics"))
    old = entry_of("Poplar Research Group")
    clock.shift(timedelta(hours=1))

    version = load("csl", csl(group("Poplar Labs"), own_row(), "Birch Avionics"))

    assert relations(version) == [("ADD", Relation.SPLIT_FROM, old)]
    assert entry_of("Poplar Research Group") == old != entry_of("Poplar Optics")


def test_a_merge_is_told_on_the_entry_that_went_with_the_one_it_went_into(clock):
    load("csl", csl(group("Poplar Labs"), own_row(), "Birch Avionics"))
    clock.shift(timedelta(hours=1))

    version = load("csl", csl(group(), "Birch Avionics"))

    assert relations(version) == [("DEL", Relation.MERGED_INTO, entry_of("Poplar Research Group"))]


def test_a_renamed_entry_keeps_its_identity_and_the_history_of_its_key(clock):
    load("csl", csl(group(), "Birch Avionics"))
    old = entry_of("Poplar Research Group")
    clock.shift(timedelta(hours=1))

    version = load("csl", csl(group(name="Poplar Research Group Harbin"), "Birch Avionics"))

    assert version.deltas.get().op == "MOD"
    assert entry_of("Poplar Research Group Harbin") == old
    change = KeyChange.objects.get()
    assert (change.entry_id, change.version) == (old, version)
    assert (change.before, change.after) == (
        "EL|poplar research group|CN|84 FR 54002", "EL|poplar research group harbin|CN|84 FR 54002",
    )  # fmt: skip


def test_an_entry_that_gets_a_twin_keeps_its_identity_and_its_new_key_is_recorded_once(clock):
    load("csl", csl("Alder Optics", "Birch Avionics"))
    old = entry_of("Alder Optics")
    twin = row("Alder Optics", "77 Other Road, Wuhan, CN")
    for more in ((), ("Cedar Labs",), ("Cedar Labs", "Dogwood Marine")):
        clock.shift(timedelta(hours=1))
        version = load("csl", csl("Alder Optics", twin, "Birch Avionics", *more))
        assert not version.deltas.filter(entry=old).exists()

    assert KeyChange.objects.filter(entry=old).count() == 1
    at_the_old_place = EntryRevision.objects.in_force().filter(name="Alder Optics", entry=old).get()
    assert at_the_old_place.listed.addresses[0].text.startswith("12 Lake Road")


def test_of_two_twins_each_keeps_its_identity_when_one_leaves_and_comes_back(clock):
    twin = row("Alder Optics", "77 Other Road, Wuhan, CN")
    load("csl", csl("Alder Optics", twin, "Birch Avionics", "Cedar Labs"))
    before = dict(EntryRevision.objects.in_force().values_list("text__addresses__0__text", "entry"))

    clock.shift(timedelta(hours=1))
    load("csl", csl("Alder Optics", "Birch Avionics", "Cedar Labs"))
    clock.shift(timedelta(hours=1))
    load("csl", csl("Alder Optics", twin, "Birch Avionics", "Cedar Labs"))

    after = dict(EntryRevision.objects.in_force().values_list("text__addresses__0__text", "entry"))
    assert after == before


def test_an_entry_that_a_rule_renamed_is_the_same_when_the_file_takes_the_new_name_up(clock):
    load("csl", csl("Alder Optics", "Birch Avionics"))
    old = entry_of("Alder Optics")
    rule(effective="2019-10-07T12:30:00-04:00", revise=[{"name": "Alder Optics", "set": {"name": "Quite Another Ltd"}}])
    clock.shift(timedelta(hours=1))

    version = load("csl", csl("Quite Another Ltd", "Birch Avionics", "Cedar Labs"))

    assert list(version.deltas.values_list("op", "revision__name")) == [("ADD", "Cedar Labs")]
    assert entry_of("Quite Another Ltd") == old


def test_a_name_spelled_otherwise_at_the_same_address_in_other_words_order_is_a_modification():
    before = ListedEntry(
        list_code="EL", name="Xinjiang Uyghur Region Public Security Bureau", citation="84 FR 54002",
        addresses=(ListedAddress("28 Qiantangjiang Rd., Shayibake District, Urumqi, XUAR, 830006, China", "CN"),),
    )  # fmt: skip
    after = ListedEntry(
        list_code="EL", name="Xinjiang Uighur Region Public Security Bureau", citation="84 FR 54002",
        addresses=(ListedAddress("28 Qiantangjiang Rd., Shayibake District, XUAR, Urumqi, 830006, CN", "CN"),),
    )  # fmt: skip

    found = compute({"a": Known.of(before)}, {"b": after})

    assert (found.added, found.removed) == ([], [])
    assert list(found.modified[0].changes) == ["name", "addresses"]
