"""The table of planted counterparties against the engine: it finds what it must and shows nothing else."""

import csv
import gzip
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pytest

from compliance.config.demo import counterparties as demo
from compliance.config.demo import entity_list, rules
from screening import Address, Entry, Identifier, Index, Name, Party, screen_batch

SOURCES = Path(__file__).resolve().parents[3] / "shared" / "data"
FULL_LIST = SOURCES / "csl" / "derived_entity_list_2019-10-09.csv.gz"

Found = MappingProxyType[str, tuple[str, ...]]  # external id → ids of the entries it matched


def party(row: demo.Counterparty) -> Party:
    def kind(name: str) -> str:
        return "trading" if re.search(r"[A-Za-z]", name) else "other_script"

    return Party(
        id=row.external_id,
        names=(Name(row.name), *(Name(name, kind(name)) for name in row.other_names)),
        addresses=(Address(row.address, row.country),),
        country=row.country,
        identifiers=tuple(Identifier(*value.split(":", 1)) for value in row.identifiers),
        kind="organization",
    )


def entry(id_: str, name: str, aliases: Iterable[str], addresses: Iterable[tuple[str, str]]) -> Entry:
    places = tuple(Address(text, country) for text, country in addresses)
    return Entry(
        id=id_,
        names=(Name(name), *(Name(alias, "alias") for alias in aliases)),
        addresses=places,
        countries=tuple(dict.fromkeys(place.country for place in places)),
        kind="organization",
        list_code="EL",
    )


def october_8() -> list[Entry]:
    return [
        entry(f"earlier:{row.name}", row.name, row.aliases, ((place.text, place.country) for place in row.addresses))
        for row in entity_list.entries()
    ]


def rule(name: str, label: str) -> list[Entry]:
    return [
        entry(
            f"{label}:{row['name']}",
            row["name"],
            row["aliases"],
            ((place["text"], place["country"]) for place in row["addresses"]),
        )
        for row in json.loads(rules.rule_json(name))["add"]
    ]


def screen(entries: list[Entry]) -> Found:
    parties = [party(row) for row in demo.counterparties()]
    answers = screen_batch(parties, Index.build(entries))
    return MappingProxyType(
        {answer.party_id: tuple(match.entry_id for match in answer.matches) for answer in answers if answer.matches}
    )


@cache
def found() -> Found:
    """Against everything the demo ever loads: the list of 8 October and both rules."""
    return screen([*october_8(), *rule(rules.OCTOBER_2019, "match"), *rule(rules.JUNE_2020, "later")])


@cache
def found_in_full_list() -> Found:
    """Against the whole list of 9 October 2019."""
    with gzip.open(FULL_LIST, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = ["match" if row["federal_register_notice"].startswith("84 FR 54002") else "earlier" for row in rows]
    entries = [
        entry(
            f"{label}:{number} {row['name']}",
            row["name"],
            filter(None, (alias.removeprefix("and ") for alias in row["alt_names"].split("; "))),
            (
                (text.rpartition(",")[0], text.rpartition(",")[2].strip())
                for text in row["addresses"].split("; ")
                if re.search(r", ?[A-Z]{2}$", text)
            ),
        )
        for number, (label, row) in enumerate(zip(labels, rows, strict=True))
    ]
    assert sum(one.id.startswith("match:") for one in entries) == 28
    return screen(entries)


needs_full_list = pytest.mark.skipif(not FULL_LIST.is_file(), reason="the official list is not beside this checkout")


@pytest.mark.parametrize(
    "planted",
    [row for row in demo.PLANTED if row.expect in {"match", "earlier", "later"}],
    ids=lambda row: f"{row.external_id} {row.name}",
)
def test_a_planted_party_matches_the_entry_the_table_names(planted):
    assert f"{planted.expect}:{planted.of}" in found().get(planted.external_id, ())


@pytest.mark.parametrize("planted", demo.planted("review"), ids=lambda row: row.name)
def test_a_party_for_the_officer_to_clear_is_shown(planted):
    assert f"match:{planted.of}" in found().get(planted.external_id, ())


@pytest.mark.parametrize("planted", demo.planted("clear"), ids=lambda row: row.name)
def test_a_near_miss_shows_nothing(planted):
    assert found().get(planted.external_id, ()) == ()


@pytest.mark.parametrize(
    ("expect", "lists"),
    [("match", {"match", "later"}), ("review", {"match"}), ("earlier", {"earlier"}), ("later", {"later"})],
)
def test_a_planted_party_opens_its_case_with_the_change_it_belongs_to(expect, lists):
    """What is found on 9 October may be near to an entry of June 2020 as well (Hikvision, IS'Vision), never before."""
    seen = {
        row.external_id: {one.partition(":")[0] for one in found().get(row.external_id, ())}
        for row in demo.planted(expect)
    }

    assert {external_id: labels for external_id, labels in seen.items() if labels - lists} == {}


def test_filler_matches_nothing():
    planted = {row.external_id for row in demo.PLANTED}
    names = {row.external_id: row.name for row in demo.counterparties()}

    assert {names[one]: entries for one, entries in found().items() if one not in planted} == {}


@needs_full_list
def test_the_full_list_opens_the_same_cases_for_the_28_as_the_small_one():
    planted = {row.external_id for row in demo.PLANTED if row.expect in {"match", "review"}}

    hits = {
        one for one, entries in found_in_full_list().items() if any(label.startswith("match:") for label in entries)
    }

    assert hits == planted


@needs_full_list
def test_filler_and_near_misses_match_nothing_in_the_full_list():
    planted = {row.external_id for row in demo.PLANTED if row.expect != "clear"}
    names = {row.external_id: row.name for row in demo.counterparties()}

    assert {names[one]: entries for one, entries in found_in_full_list().items() if one not in planted} == {}
