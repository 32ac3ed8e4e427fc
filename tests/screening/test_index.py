"""A score depends on the pair alone, so a run over a few entries says what a run over all says about them."""

from __future__ import annotations

import csv
import gzip
import random
import warnings
from pathlib import Path

import pytest

from screening import Address, Entry, Index, Name, Party, ScoringConfig, screen_batch, screen_party
from screening.score import score
from tests.screening.conftest import ADDRESSES, LISTED, seed_entries

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def _slips(rng: random.Random, name: str) -> str:
    words = name.split()
    move = rng.randrange(5)
    if move == 0 and len(words) > 2:
        words.pop(rng.randrange(len(words)))
    elif move == 1 and len(words) > 1:
        i = rng.randrange(len(words) - 1)
        words[i : i + 2] = [words[i] + words[i + 1]]
    elif move == 2:
        i = rng.randrange(len(name))
        return name[:i] + rng.choice("aeiost") + name[i + 1 :]
    elif move == 3:
        words.append(rng.choice(["Branch", "Trading", "Dubai", "GmbH"]))
    else:
        return name[:35]
    return " ".join(words)


def _parties(rng: random.Random, names: list[str], count: int) -> list[Party]:
    made = []
    for number in range(count):
        address = rng.choice(["", *ADDRESSES.values(), "1187 Binan Rd, Hangzhou"])
        addresses = (Address(address),) if address else ()
        made.append(
            Party(f"p{number}", (Name(_slips(rng, rng.choice(names))),), addresses, rng.choice(["", "CN", "US"]))
        )
    return made


def _list_2022(rng: random.Random, count: int) -> list[Entry]:
    path = SHARED / "bench" / "list_2022.csv.gz"
    if not path.exists():
        warnings.warn(f"SKIPPED: {path} is not there, so retrieval is not checked on a real list", stacklevel=1)
        pytest.skip("the list of 2022 is not there: retrieval is not checked on a real list")
    names: dict[str, list[Name]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names.setdefault(row["entity_id"], []).append(Name(row["name"]))
    return [Entry(id_, tuple(names[id_])) for id_ in rng.sample(sorted(names), count)]


@pytest.mark.parametrize("seed", range(5))
def test_a_part_of_the_list_gives_what_the_whole_list_gives_for_that_part(seed: int) -> None:
    rng = random.Random(seed)
    entries = seed_entries()
    part = rng.sample(entries, 9)
    parties = _parties(rng, [name for names in LISTED.values() for name in names], 60)

    whole_run = screen_batch(parties, Index.build(entries))
    part_run = screen_batch(parties, Index.build(part))

    ids = {entry.id for entry in part}
    for whole, partial in zip(whole_run, part_run, strict=True):
        assert partial.matches == tuple(match for match in whole.matches if match.entry_id in ids)


def test_a_batch_gives_what_one_by_one_gives() -> None:
    index = Index.build(seed_entries())
    parties = _parties(random.Random(7), [name for names in LISTED.values() for name in names], 60)

    batch = screen_batch(parties, index)

    assert batch == [screen_party(party, index) for party in parties]


def test_the_index_loses_nothing_that_the_slow_comparison_finds() -> None:
    rng = random.Random(3)
    entries = seed_entries()
    index = Index.build(entries)
    parties = _parties(rng, [name for names in LISTED.values() for name in names], 60)

    fast = screen_batch(parties, index)

    for party, result in zip(parties, fast, strict=True):
        slow = [match for entry in entries if (match := score(party, entry, ScoringConfig()))]
        assert sorted(slow, key=lambda match: (-match.score, match.entry_id)) == list(result.matches), party


def test_the_index_loses_nothing_on_a_real_list() -> None:
    rng = random.Random(5)
    entries = _list_2022(rng, 400)
    index = Index.build(entries)
    parties = _parties(rng, [name.text for entry in entries for name in entry.names], 60)

    fast = screen_batch(parties, index)

    found = lost = 0
    for party, result in zip(parties, fast, strict=True):
        slow = {match.entry_id for entry in entries if (match := score(party, entry))}
        found += len(slow)
        lost += len(slow - {match.entry_id for match in result.matches})
    assert found > 40
    assert lost == 0


def test_a_delta_of_a_real_list_gives_what_the_whole_gives() -> None:
    rng = random.Random(11)
    entries = _list_2022(rng, 1500)
    delta = rng.sample(entries, 150)
    parties = _parties(rng, [name.text for entry in entries for name in entry.names], 200)

    whole_run = screen_batch(parties, Index.build(entries))
    delta_run = screen_batch(parties, Index.build(delta))

    ids = {entry.id for entry in delta}
    for whole, partial in zip(whole_run, delta_run, strict=True):
        assert partial.matches == tuple(match for match in whole.matches if match.entry_id in ids)


def test_an_empty_list_gives_an_index_that_matches_nothing() -> None:
    index = Index.build([])

    result = screen_batch([Party("p", (Name("Hikvision"),))], index)

    assert [screening.matches for screening in result] == [()]
    assert screen_batch([], index) == []
