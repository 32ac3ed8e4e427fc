"""All entries of a list, read once and arranged so that the few worth comparing are found fast.

Which entries a party is compared with depends on the pair alone (shared or similar words, house number and street
word, register number), never on how many others look alike: there is no "best N". So an index over some entries
gives exactly what an index over all gives for those entries.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from scipy import sparse

from screening.config import ScoringConfig
from screening.features.names import CUT_FROM, MOST_WEIGHT
from screening.features.words import edits_allowed, sound_key
from screening.records import Record, read_entry
from screening.tokens import NameForm, word_meaning
from screening.types import Entry

Pairs = list[tuple[int, int]]  # places of a party's name and of an entry's name

_BLOCK = 256  # parties a block: bounds the memory of a batch


def _bigrams(word: str) -> set[str]:
    padded = f"^{word}$"
    return {padded[i : i + 2] for i in range(len(padded) - 1)}


@dataclass(frozen=True, slots=True)
class _Matched:
    """Pairs of names that share words: row (party's name), column (listed name), word weight matched on each side."""

    row: np.ndarray
    column: np.ndarray
    in_query: np.ndarray
    in_listed: np.ndarray


@dataclass(frozen=True, slots=True)
class Index:
    """An immutable index. Build it with `Index.build`; a new list version means a new index."""

    config: ScoringConfig
    entries: tuple[Record, ...]
    _vocabulary: dict[str, int]
    _words: tuple[str, ...]
    _word_array: np.ndarray
    _sounds: dict[str, tuple[int, ...]]
    _spelled: dict[tuple[str, int], np.ndarray]
    _word_names: sparse.csr_matrix
    _name_entry: np.ndarray
    _first_name: np.ndarray
    _name_total: np.ndarray
    _name_words: np.ndarray
    _name_compact: tuple[str, ...]
    _address_keys: dict[str, tuple[int, ...]]
    _identifier_keys: dict[str, tuple[int, ...]]

    @classmethod
    def build(cls, entries: Iterable[Entry], config: ScoringConfig | None = None) -> Index:
        """Read all entries. Entries keep the order given; two entries with one id are two entries."""
        config = config or ScoringConfig()
        records = tuple(read_entry(entry, config) for entry in entries)
        vocabulary: dict[str, int] = {}
        single: set[str] = set()
        rows: list[int] = []
        columns: list[int] = []
        weights: list[float] = []
        name_entry: list[int] = []
        listed: list[NameForm] = []
        addresses: dict[str, list[int]] = defaultdict(list)
        numbers: dict[str, list[int]] = defaultdict(list)
        for position, record in enumerate(records):
            for form, _kind in record.names:
                single.update(token.text for token in form.tokens)
                single.update(token.said for token in form.tokens)
                for word, weight in _weighted_words(form):
                    rows.append(vocabulary.setdefault(word, len(vocabulary)))
                    columns.append(len(name_entry))
                    weights.append(weight)
                name_entry.append(position)
                listed.append(form)
            for key in sorted({key for address in record.addresses for key in address.keys}):
                addresses[key].append(position)
            for key in record.identifiers:
                numbers[key].append(position)
        words = tuple(vocabulary)
        shape = (len(words), len(name_entry))
        word_names = sparse.csr_matrix((np.array(weights, dtype=np.float32), (rows, columns)), shape=shape)
        sounds: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(words):
            if len(word) >= 5 and word.isalpha():
                sounds[sound_key(word)].append(number)
        return cls(
            config=config,
            entries=records,
            _vocabulary=vocabulary,
            _words=words,
            _word_array=np.array(words, dtype=object),
            _sounds={key: tuple(found) for key, found in sounds.items()},
            _spelled=_by_letter_pairs(words, single),
            _word_names=word_names,
            _name_entry=np.array(name_entry, dtype=np.int64),
            _first_name=np.cumsum([0, *(len(record.names) for record in records)]),
            _name_total=np.array([form.total for form in listed], dtype=np.float32),
            _name_words=np.array([len(form.tokens) for form in listed], dtype=np.float32),
            _name_compact=tuple(form.compact for form in listed),
            _address_keys={key: tuple(found) for key, found in addresses.items()},
            _identifier_keys={key: tuple(found) for key, found in numbers.items()},
        )

    def candidates(self, parties: Sequence[Record], floor: float) -> list[dict[int, Pairs | None]]:
        """For each party the entries worth comparing: all that could reach `floor`, and only the pair decides which.

        The key is the position of an entry; the value says which of its names are worth comparing, as pairs of
        places (party's name, entry's name), or None for all of them: an address or a number agrees.
        """
        found: list[dict[int, Pairs | None]] = [dict.fromkeys(self._by_key(party)) for party in parties]
        for start in range(0, len(parties), _BLOCK):
            self._by_name(parties[start : start + _BLOCK], found[start : start + _BLOCK], floor)
        return found

    def _by_key(self, party: Record) -> list[int]:
        keys = {key for address in party.addresses for key in address.keys}
        found = {position for key in keys for position in self._address_keys.get(key, ())}
        found.update(position for key in party.identifiers for position in self._identifier_keys.get(key, ()))
        return sorted(found)

    def _by_name(self, parties: Sequence[Record], found: Sequence[dict[int, Pairs | None]], floor: float) -> None:
        """Add entries with a name that could reach `floor`: an upper bound of the likeness, for all pairs at once."""
        owned = [(p, n, form) for p, party in enumerate(parties) for n, (form, _kind) in enumerate(party.names)]
        if not owned or not self._words:
            return
        queries: dict[str, int] = {}
        rows, columns, data = [], [], []
        for row, (_party, _name, form) in enumerate(owned):
            for word, weight in _weighted_words(form):
                rows.append(row)
                columns.append(queries.setdefault(word, len(queries)))
                data.append(weight)
        shape = (len(owned), len(queries))
        weights = sparse.csr_matrix((np.array(data, dtype=np.float32), (rows, columns)), shape=shape)
        similar = self._similar(tuple(queries))
        names = self._word_names
        in_query = (weights @ similar @ _ones(names)).tocsr()
        in_listed = (_ones(weights) @ similar @ names).tocsr()
        in_query.sort_indices()
        in_listed.sort_indices()
        row_of = np.repeat(np.arange(len(owned)), np.diff(in_query.indptr))
        matched = _Matched(row_of, in_query.indices, in_query.data, in_listed.data)
        for pair in self._could_reach([form for _, _, form in owned], matched, floor).tolist():
            party, name, _form = owned[row_of[pair]]
            listed = int(in_query.indices[pair])
            position = int(self._name_entry[listed])
            pairs = found[party].setdefault(position, [])
            if pairs is not None:
                pairs.append((name, listed - int(self._first_name[position])))

    def _could_reach(self, forms: Sequence[NameForm], matched: _Matched, floor: float) -> np.ndarray:
        """Which pairs could score `floor`: the name scorecard with every value not known yet at its best.

        The matched word weights are upper bounds; to them comes what the look-up does not see: one misspelled trade
        word, and a last word that was cut off. Depends on the two names of a pair alone.
        """
        c = self.config
        unseen = [c.weight_trade + (f.tokens[-1].weight if len(f.raw) >= CUT_FROM else 0.0) for f in forms]
        slack = np.array(unseen, dtype=np.float32)[matched.row]
        in_query, in_listed = matched.in_query + slack, matched.in_listed + slack
        totals = np.array([form.total for form in forms], dtype=np.float32)[matched.row]
        words = np.array([len(form.tokens) for form in forms], dtype=np.float32)[matched.row]
        listed_totals, listed_words = self._name_total[matched.column], self._name_words[matched.column]
        # The largest word left over weighs at least the mean of what is left over.
        clash = np.minimum((totals - in_query) / words, (listed_totals - in_listed) / listed_words)
        points = c.points_start + c.points_query * np.minimum(1.0, in_query / np.maximum(totals, c.thin_evidence))
        points += c.points_listed * np.minimum(1.0, in_listed / np.maximum(listed_totals, c.thin_evidence))
        points += c.points_matched * np.minimum(np.minimum(in_query, in_listed), MOST_WEIGHT)
        points += c.points_clash * np.maximum(clash, 0.0)
        # The rule for cut names may lift a pair whose points are few; its share of the record is whole.
        needed = _points_for(floor)
        possible = np.flatnonzero(points + c.points_letters >= needed)
        letters = process.cpdist(
            [forms[row].compact for row in matched.row[possible].tolist()],
            [self._name_compact[column] for column in matched.column[possible].tolist()],
            scorer=fuzz.ratio,
        )
        reachable = points[possible] + c.points_letters * (letters / 100.0) >= needed
        return np.asarray(possible[reachable])

    def _similar(self, queries: tuple[str, ...]) -> sparse.csr_matrix:
        """Which listed words each query word may stand for (1.0): equal, misspelled, of the same sound."""
        rows: list[int] = []
        columns: list[int] = []
        for row, word in enumerate(queries):
            same = {self._vocabulary[word]} if word in self._vocabulary else set()
            if len(word) >= 5 and word.isalpha():
                same.update(self._sounds.get(sound_key(word), ()))
                if word_meaning(word)[1] not in ("trade", "institution", "country"):
                    same.update(self._misspelled(word))
            for column in same:
                rows.append(row)
                columns.append(column)
        ones = np.ones(len(rows), dtype=np.float32)
        return sparse.csr_matrix((ones, (rows, columns)), shape=(len(queries), len(self._words)))

    def _misspelled(self, word: str) -> list[int]:
        """Listed words (not joined neighbors) within the edits allowed. Nothing is lost: see `_by_letter_pairs`."""
        pairs = _bigrams(word)
        out: list[int] = []
        for length in range(len(word) - 2, len(word) + 3):
            allowed = edits_allowed(max(length, len(word)))
            if abs(length - len(word)) > allowed or not allowed:
                continue
            lists = [self._spelled[key] for pair in pairs if (key := (pair, length)) in self._spelled]
            # One edit spoils at most three pairs of letters, so 3k + 1 pairs are enough to find every word within
            # k edits: those with the shortest lists. Pairs without a list count as taken.
            needed = 3 * allowed + 1 - (len(pairs) - len(lists))
            if needed <= 0 and len(pairs) > 3 * allowed:
                continue
            lists.sort(key=len)
            taken = lists[: max(needed, 0)] if len(pairs) > 3 * allowed else lists
            if not taken:
                continue
            near = np.unique(np.concatenate(taken)) if len(taken) > 1 else taken[0]
            others = self._word_array[near].tolist()
            edits = process.cdist([word], others, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8)
            out += near[edits[0] <= allowed].tolist()
        return out


def _weighted_words(form: NameForm) -> list[tuple[str, float]]:
    """The words a name is found under, with their weights: each word, its spelling as written, neighbors joined."""
    found: dict[str, float] = {}
    for token in form.tokens:
        for text in {token.text, token.said.replace(" ", "")}:
            found[text] = found.get(text, 0.0) + token.weight
    for text, _, _, weight in form.joined:
        found[text] = max(found.get(text, 0.0), weight)
    return sorted(found.items())


def _ones(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)


def _points_for(likeness: float) -> float:
    """The points that a likeness needs, less a margin for rounding."""
    bounded = min(max(likeness, 0.01), 0.99)
    return math.log(bounded / (1.0 - bounded)) - 0.01


def _by_letter_pairs(words: tuple[str, ...], single: set[str]) -> dict[tuple[str, int], np.ndarray]:
    """Numbers of the words that hold a pair of letters, by that pair and the length of the word."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        if len(word) >= 4 and word in single and word.isalpha():
            for pair in _bigrams(word):
                found[pair, len(word)].append(number)
    return {key: np.array(numbers, dtype=np.int32) for key, numbers in found.items()}
