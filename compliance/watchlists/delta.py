"""What changed between two states of a list, and what a rule makes of the state before it.

An entry is matched to itself by its key; then, since a key holds text that may be revised, by what
the entry still shares with its earlier self. So a corrected name or a new citation is a
modification of one identity and not one removal and one addition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .fingerprint import (
    MATERIAL_FIELDS,
    address_key,
    changed_fields,
    content_fingerprint,
    first_citation,
    fold_key,
    place_words,
    split_changes,
    stable_key,
    unique_key,
)
from .parsers.base import OFAC_LISTS, ListedEntry, ParsedList, RefusedFile, Removal, Revision

# Two entries of one rule that share an alias or address are one, renamed, when the words of one name are all in
# the other or their names are at least this alike (Dice over letter pairs). Sisters at one address reach 0.65 by
# words such as "Technology" alone: "Dahua Technology" and "Megvii Technology".
RENAME_LIKENESS = 0.8
# An alias or address that stands in more unmatched entries than this tells nobody apart.
COMMON_FEATURE = 50
# A shared address must have this many letters: a town or a country alone is no address.
SHORTEST_ADDRESS = 12
# Groups of equal keys are tiny in real files; a larger product is matched in file order.
LARGEST_GROUP_PAIRS = 2_500


@dataclass(frozen=True, slots=True)
class Known:
    """An entry as it is stored, with its content fingerprint."""

    entry: ListedEntry
    fingerprint: str

    @classmethod
    def of(cls, entry: ListedEntry) -> Known:
        """The entry with its fingerprint computed."""
        return cls(entry, content_fingerprint(entry))


@dataclass(frozen=True, slots=True)
class Modified:
    """One identity whose text changed; `changes` is field → (old, new) in plain JSON values."""

    key_before: str
    key_after: str
    changes: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Delta:
    """`modified` holds the material changes, `cosmetic` those of spacing, punctuation, case or damaged letters alone.

    `splits`: key of an added entry → key before of the one that bore its name or alias until now. `merges`: key of a
    removed entry → key after of the one that bears its name now. `rekeyed` holds (key before, key after) of entries
    that stay but whose key is another, as when an entry of the same key came or went. A store moves `modified` and
    `rekeyed` identities to the new key before it adds the `added`.
    """

    added: list[str] = field(default_factory=list)
    modified: list[Modified] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    rekeyed: list[tuple[str, str]] = field(default_factory=list)
    cosmetic: list[Modified] = field(default_factory=list)
    splits: dict[str, str] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether no entry was added, modified or removed; cosmetic changes don't count."""
        return not (self.added or self.modified or self.removed)


def compute(before: Mapping[str, Known], after: Mapping[str, ListedEntry]) -> Delta:
    """The change from one state to the next, each a mapping of key to entry.

    O(n) but for the few entries that share a key. Swapping the arguments swaps added and removed.
    """
    prints = {key: content_fingerprint(entry) for key, entry in after.items()}
    pairs = [(key, key) for key, known in before.items() if prints.get(key) == known.fingerprint]
    matched = {key for key, _ in pairs}
    old = {key: known for key, known in before.items() if key not in matched}
    new = {key: entry for key, entry in after.items() if key not in matched}

    for match in (_same_identity, _same_key, _same_name, _renamed):
        found = match(old, new, prints)
        pairs += found
        for key_before, key_after in found:
            del old[key_before], new[key_after]

    modified, cosmetic, rekeyed = [], [], []
    for key_before, key_after in pairs:
        known = before[key_before]
        if known.fingerprint != prints[key_after]:
            material, slight = split_changes(changed_fields(known.entry, after[key_after]))
            if material:
                modified.append(Modified(key_before, key_after, material))
            else:
                cosmetic.append(Modified(key_before, key_after, slight))
        if key_before != key_after:
            rekeyed.append((key_before, key_after))
    order = {key: number for number, key in enumerate(after)}
    for changes in (modified, cosmetic):
        changes.sort(key=lambda item: order[item.key_after])
    ends = dict(pairs)
    return Delta(
        added=list(new),
        modified=modified,
        removed=list(old),
        unchanged=len(pairs) - len(modified) - len(cosmetic),
        rekeyed=sorted(rekeyed),
        cosmetic=cosmetic,
        splits=_bearers(new, {item.key_before: before[item.key_before].entry for item in modified}),
        merges={
            gone: ends[bearer]
            for gone, bearer in _bearers(
                {key: known.entry for key, known in old.items()},
                {item.key_before: after[item.key_after] for item in modified},
            ).items()
        },
    )


def _bearers(entries: Mapping[str, ListedEntry], others: Mapping[str, ListedEntry]) -> dict[str, str]:
    """For each entry whose main name one single other entry of its list bears as name or alias, that other's key."""
    bearers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, entry in others.items():
        for name in (entry.name, *entry.aliases):
            bearers[entry.list_code, fold_key(name)].add(key)
    found = {}
    for key, entry in entries.items():
        holders = bearers.get((entry.list_code, fold_key(entry.name)), set())
        if len(holders) == 1:
            found[key] = next(iter(holders))
    return found


_Old = Mapping[str, Known]
_New = Mapping[str, ListedEntry]
_Prints = Mapping[str, str]
_Pairs = list[tuple[str, str]]


def _same_identity(old: _Old, new: _New, prints: _Prints) -> _Pairs:
    """Pairs within each group of equal stable keys: equal text first, then the nearest addresses, then order."""
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for key, known in old.items():
        groups[stable_key(known.entry)][0].append(key)
    for key, entry in new.items():
        groups[stable_key(entry)][1].append(key)
    pairs: _Pairs = []
    for keys_before, keys_after in groups.values():
        if len(keys_before) == 1 and len(keys_after) == 1:
            pairs.append((keys_before[0], keys_after[0]))
        elif keys_before and keys_after:
            pairs += _pair_group(keys_before, keys_after, old, new, prints)
    return pairs


def _pair_group(keys_before: list[str], keys_after: list[str], old: _Old, new: _New, prints: _Prints) -> _Pairs:
    pairs: _Pairs = []
    by_print: dict[str, list[str]] = defaultdict(list)
    for key in keys_after:
        by_print[prints[key]].append(key)
    left_before = []
    for key in keys_before:
        same = by_print[old[key].fingerprint]
        if same:
            pairs.append((key, same.pop(0)))
        else:
            left_before.append(key)
    taken = {key for _, key in pairs}
    left_after = [key for key in keys_after if key not in taken]
    if len(left_before) * len(left_after) <= LARGEST_GROUP_PAIRS:
        addresses_before = {key: address_key(old[key].entry) for key in left_before}
        addresses_after = {key: address_key(new[key]) for key in left_after}
        scored = [
            ((likeness(addresses_before[before], addresses_after[after]), before == after), before, after)
            for before in left_before
            for after in left_after
        ]
        return pairs + _best_pairs(scored)
    return pairs + list(zip(left_before, left_after, strict=False))


def _same_key(old: _Old, new: _New, prints: _Prints) -> _Pairs:
    """Entries that kept their key through a change that a rule made of them by name."""
    return [(key, key) for key in old if key in new]


def _same_name(old: _Old, new: _New, prints: _Prints) -> _Pairs:
    """Pairs of equal folded name within one list, where each side has exactly one."""
    groups: dict[tuple[str, str], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for key, known in old.items():
        groups[known.entry.list_code, fold_key(known.entry.name)][0].append(key)
    for key, entry in new.items():
        groups[entry.list_code, fold_key(entry.name)][1].append(key)
    return [
        (before[0], after[0])
        for before, after in groups.values()
        if len(before) == 1 and len(after) == 1 and not _numbered_apart(old[before[0]].entry, new[after[0]])
    ]


def _renamed(old: _Old, new: _New, prints: _Prints) -> _Pairs:
    """Pairs under one list and first citation that share an alias or address and have like names."""
    holders: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for key, known in old.items():
        for feature in _features(known.entry):
            holders[feature].append(key)
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    wanted = {key: _features(entry) for key, entry in new.items()}
    for features in wanted.values():
        for feature in features:
            counts[feature] += 1
    candidates = {
        (before, after)
        for after, features in wanted.items()
        for feature in features
        if counts[feature] <= COMMON_FEATURE and len(holders.get(feature, ())) <= COMMON_FEATURE
        for before in holders.get(feature, ())
    }
    scored = []
    for before, after in candidates:
        entry_before, entry_after = old[before].entry, new[after]
        score = _name_likeness(entry_before, entry_after)
        if score >= RENAME_LIKENESS and not _numbered_apart(entry_before, entry_after):
            scored.append(((score, before == after), before, after))
    return _best_pairs(scored)


def _numbered_apart(before: ListedEntry, after: ListedEntry) -> bool:
    """Whether OFAC itself says, by two entity numbers, that these are two."""
    return (
        before.list_code in OFAC_LISTS
        and bool(before.entity_number and after.entity_number)
        and before.entity_number != after.entity_number
    )


def _features(entry: ListedEntry) -> set[tuple[str, str, str]]:
    citation = first_citation(entry.citation)
    if not citation:
        return set()
    scope = f"{entry.list_code}|{citation}"
    names = {(scope, "name", fold_key(name)) for name in (entry.name, *entry.aliases)}
    addresses = (" ".join(sorted(place_words(address.text))) for address in entry.addresses)
    return names | {(scope, "address", text) for text in addresses if len(text) >= SHORTEST_ADDRESS}


def _name_likeness(before: ListedEntry, after: ListedEntry) -> float:
    """Likeness of the two main names; 1.0 when one is an alias of the other entry or holds all words of the other."""
    name_before, name_after = fold_key(before.name), fold_key(after.name)
    if name_before in map(fold_key, after.aliases) or name_after in map(fold_key, before.aliases):
        return 1.0
    words_before, words_after = set(name_before.split()), set(name_after.split())
    if words_before and words_after and (words_before <= words_after or words_after <= words_before):
        return 1.0
    return likeness(name_before, name_after)


def likeness(left: str, right: str) -> float:
    """Share of letter pairs two folded texts have in common: 0.0 none, 1.0 the same; symmetric (Dice)."""
    if left == right:
        return 1.0
    pairs_left = {left[at : at + 2] for at in range(len(left) - 1)}
    pairs_right = {right[at : at + 2] for at in range(len(right) - 1)}
    if not pairs_left or not pairs_right:
        return 0.0
    return 2 * len(pairs_left & pairs_right) / (len(pairs_left) + len(pairs_right))


def _best_pairs(scored: Iterable[tuple[tuple[float, bool], str, str]]) -> _Pairs:
    """One to one, the best first. Ties fall by the two keys, whichever side each is on."""
    pairs: _Pairs = []
    taken_before: set[str] = set()
    taken_after: set[str] = set()
    ranked = sorted(scored, key=lambda item: (-item[0][0], not item[0][1], sorted(item[1:]), item[1]))
    for _, before, after in ranked:
        if before not in taken_before and after not in taken_after:
            pairs.append((before, after))
            taken_before.add(before)
            taken_after.add(after)
    return pairs


def apply_change(before: Mapping[str, Known], parsed: ParsedList) -> dict[str, ListedEntry]:
    """The state after a change (a rule), from the state before: removals, then revisions, then additions.

    A revised entry keeps its key. Adding an entry that is there with equal text changes nothing;
    adding one whose identity is there with other text replaces that text. Raises RefusedFile when
    an entry to revise or remove is not there, or could be more than one.
    """
    if parsed.form != "change":
        raise ValueError("Only a change can be applied; a whole file replaces what was before.")
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, known in before.items():
        by_name[known.entry.list_code, fold_key(known.entry.name)].append(key)

    after = {key: known.entry for key, known in before.items()}
    touched: dict[str, str] = {}
    for removal in parsed.removed:
        key = _find(before, by_name, removal, "remove", touched)
        del after[key]
    for revision in parsed.revised:
        key = _find(before, by_name, revision, "revise", touched)
        after[key] = _revise(after[key], revision)
    _add(after, parsed.entries, revised=frozenset(touched))
    return after


def _find(
    before: Mapping[str, Known],
    by_name: Mapping[tuple[str, str], list[str]],
    wanted: Removal | Revision,
    verb: str,
    touched: dict[str, str],
) -> str:
    where = f"“{wanted.name}” ({wanted.country or 'any country'}, list {wanted.list_code})"
    named = by_name.get((wanted.list_code, fold_key(wanted.name)), [])
    found = [key for key in named if not wanted.country or wanted.country in before[key].entry.countries]
    if not found:
        countries = sorted({country for key in named for country in before[key].entry.countries})
        hint = (
            f"It is listed under {', '.join(countries)}: correct the country."
            if countries
            else "Check the name against the list as it is in force."
        )
        raise RefusedFile("unknown_entry", f"The rule would {verb} {where}, which is not on the list. {hint}")
    if len(found) > 1:
        raise RefusedFile(
            "ambiguous_entry",
            f"The rule would {verb} {where}, but {len(found)} entries have that name. "
            "Name the country, or load the change as a whole list.",
        )
    key = found[0]
    if key in touched:
        raise RefusedFile(
            "repeated_entry", f"The rule would {touched[key]} and {verb} {where} at once. Keep one of the two."
        )
    touched[key] = verb
    return key


def _revise(entry: ListedEntry, revision: Revision) -> ListedEntry:
    unknown = sorted(set(revision.changes) - {*MATERIAL_FIELDS, "start_date_raw", "end_date_raw", "source_list_url"})
    if unknown:
        raise RefusedFile(
            "unknown_field",
            f"The revision of “{revision.name}” sets {', '.join(unknown)}, which no entry has. Remove it.",
        )
    return replace(entry, **revision.changes)


def _add(after: dict[str, ListedEntry], added: tuple[ListedEntry, ...], *, revised: frozenset[str]) -> None:
    """Put the added entries into `after`, each in the place of its own earlier text if that is there."""
    listed: dict[str, list[str]] = defaultdict(list)
    for key, entry in after.items():
        listed[stable_key(entry)].append(key)
    coming: dict[str, int] = defaultdict(int)
    for entry in added:
        coming[stable_key(entry)] += 1
    prints = {key: content_fingerprint(after[key]) for base in coming for key in listed[base]}
    taken = dict.fromkeys(after, 1)
    replaced = set(revised)
    for entry in added:
        base = stable_key(entry)
        places = [key for key in listed[base] if key not in replaced]
        print_ = content_fingerprint(entry)
        same_text = [key for key in listed[base] if prints[key] == print_]
        same_place = [key for key in places if address_key(after[key]) == address_key(entry)]
        if same_text:
            replaced.add(same_text[0])
        elif same_place or (len(places) == 1 and coming[base] == 1):
            key = (same_place or places)[0]
            after[key] = entry
            prints[key] = print_
            replaced.add(key)
        else:
            shared = bool(listed[base]) or coming[base] > 1
            key = unique_key(f"{base}|{address_key(entry)}" if shared else base, taken)
            after[key] = entry
            prints[key] = print_
            listed[base].append(key)
            replaced.add(key)
