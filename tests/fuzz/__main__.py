"""make fuzz: mutated list files through every parser. Nothing but a refusal may come out, and never half a version.

Each file is a sound one with one to four mutations; the number of the file is its random seed, so that a failure can
be run again alone: `python -m tests.fuzz --only 4711`.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import time
from collections import Counter

from compliance.watchlists.delta import Known, compute
from compliance.watchlists.fingerprint import keys_of
from compliance.watchlists.gate import Counts, check
from compliance.watchlists.parsers import parse
from compliance.watchlists.parsers.base import ListedEntry, ParsedList, RefusedFile
from compliance.watchlists.parsers.bundle import is_bundle, members, pack
from tests.fuzz.seeds import SEEDS

FILES = 10_000
SLOWEST_SECONDS = 20.0
ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "cp1252", "latin-1", "utf-8-sig")
LONG_CELL = 10_000_000
PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\r", b"\n", b"\x1a", b"<", b"</", b"&#0;", b"&x;", b"]]>", b"{",
    b"}", b"[", b"\\ud800", b",", b";", b"\t", b"|", b"999999999999999999999", b"-0-", b"1e999", b"\xc3", b"\xe2\x80",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", "０１".encode(), "а́".encode(), b"a.k.a.,", b"; and", b"\x85", b"\xe2\x80\xa8",
)  # fmt: skip


def mutate(whole: bytes, chance: random.Random) -> bytes:
    """One damage of the kinds that feeds really have, and some that only an attacker makes."""
    at = chance.randrange(len(whole) + 1)
    until = min(len(whole), at + chance.choice((0, 1, 2, 8, 40, 400)))
    kind = chance.randrange(12)
    if kind < 5:
        return whole[:at] + chance.choice(PIECES) * chance.choice((1, 1, 1, 3)) + whole[until:]
    if kind == 5:
        return whole[:at]
    if kind == 6:
        return whole[:until] + whole[at:]
    if kind == 7:
        return whole[:at] + chance.randbytes(chance.randrange(1, 30)) + whole[until:]
    if kind == 8:
        text = whole.decode("utf-8", "replace")
        return text.encode(
            chance.choice(("utf-16", "utf-16-be", "utf-32", "cp1252", "latin-1", "utf-8-sig")), "replace"
        )
    if kind == 9:
        return gzip.compress(whole)[: chance.choice((-1, 40, 10_000))]
    if kind == 10:
        other = whole[chance.randrange(len(whole) + 1) :][:200]
        return whole[:at] + other + whole[at:]
    if chance.randrange(20) == 0:
        return whole[:at] + chance.choice((b"x", b"; ", b"(", b"\xc3\xa9")) * (LONG_CELL // 2) + whole[at:]
    return whole[:at] + bytes(reversed(whole[at:until])) + whole[until:]


def file_of(number: int) -> tuple[str, bytes]:
    """The mutated file of that number, with its parser's key."""
    chance = random.Random(number)
    key, whole = SEEDS[number % len(SEEDS)]
    if key == "ofac" and is_bundle(whole) and chance.random() < 0.7:  # damage inside one of the packed files
        files = members(whole, "a bundle")
        name = chance.choice(sorted(files))
        files[name] = mutate(files[name], chance)
        return key, pack(files)
    for _ in range(chance.choice((1, 1, 1, 1, 2, 4))):
        whole = mutate(whole, chance)
    return key, whole


def read(key: str, data: bytes) -> str:
    """What came of one file: "refused" or "read". Raises whatever a parser lets out that is no refusal."""
    try:
        found = parse(key, data, "fuzzed")
    except RefusedFile as refused:
        if not (refused.message and refused.code):
            raise ValueError("a refusal says why") from refused
        return "refused"
    check_whole(found)
    return "read"


def check_whole(found: ParsedList) -> None:
    """A file that was read can be stored, compared and gated."""
    assert not found.lines or len(found.lines) == len(found.entries)
    for entry in found.entries:
        assert entry.name, "an entry has a name"
        assert ListedEntry.from_dict(entry.as_dict()) == entry
    if found.form == "whole":
        keys = keys_of(found.entries)
        state = dict(zip(keys, found.entries, strict=True))
        assert compute({key: Known.of(entry) for key, entry in state.items()}, state).is_empty
        check(found, Counts({}, found.list_counts, {}, {}))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=FILES)
    options.add_argument("--start", type=int, default=0)
    options.add_argument("--only", type=int)
    given = options.parse_args()
    numbers = [given.only] if given.only is not None else range(given.start, given.start + given.files)
    results: Counter[tuple[str, str]] = Counter()
    failures, slowest = 0, (0.0, 0)
    began = time.perf_counter()
    for number in numbers:
        key, data = file_of(number)
        at = time.perf_counter()
        try:
            results[key, read(key, data)] += 1
        except Exception as error:  # whatever it is, it is a finding
            failures += 1
            print(f"file {number} ({key}): {type(error).__name__}: {error}", flush=True)
        slowest = max(slowest, (time.perf_counter() - at, number))
    seconds = time.perf_counter() - began
    print(f"{len(numbers):,} files in {seconds:.0f} s, the slowest {slowest[0]:.1f} s (file {slowest[1]}):")
    for key in dict.fromkeys(key for key, _data in SEEDS):
        print(f"  {key:<8} {results[key, 'refused']:>6,} refused  {results[key, 'read']:>6,} read")
    print(f"{failures} let something out that is no refusal")
    return 1 if failures or slowest[0] > SLOWEST_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
