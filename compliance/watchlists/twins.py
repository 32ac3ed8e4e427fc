"""Which entries of two sources are one: the same line of the same list, printed by both.

The CSL copies the regulation, with another order of addresses, another page in the citation and letters lost. Nothing
is merged: each source keeps its text, and the two share an identity. Pairs are one to one; what stays in doubt stays
apart, and is then screened twice rather than missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping

from .delta import RENAME_LIKENESS, SHORTEST_ADDRESS, likeness
from .fingerprint import fold_key, place_words, same_reading
from .parsers.base import OFAC_LISTS, ListedEntry

# A name, alias or address that more entries share than this tells nobody apart.
COMMON = 12
# Where two names share words, the words they don't share must be this alike too (Dice over letter pairs): "Uighur" and
# "Uyghur" reach 0.6; two sisters in one building, or plants no. 54 and no. 55, share most words and not these.
REST_LIKENESS = 0.5


def pair(new: Mapping[str, ListedEntry], others: Mapping[int, ListedEntry]) -> dict[str, int]:
    """Key of each new entry that another source prints too → that entry's id.

    By official number; then by name and country; then by name alone; then by a shared name, alias or address under
    one country where the names are alike. Each step takes only what is unique on both sides.
    """
    left, right = dict(new), dict(others)
    found: dict[str, int] = {}
    for sign in (_number, _name_and_country, _name_and_date, _name):
        for key, other in _unique(left, right, sign):
            if sign is not _number and _contradict(left[key], right[other]):
                continue
            found[key] = other
            del left[key], right[other]
    for key, other in _alike(left, right):
        found[key] = other
    return found


def _number(entry: ListedEntry) -> Hashable:
    number = entry.entity_number.strip()
    return (entry.list_code, fold_key(number)) if number and entry.list_code in OFAC_LISTS else None


def _name_and_country(entry: ListedEntry) -> Hashable:
    return (entry.list_code, fold_key(entry.name), _country(entry)) if _country(entry) else None


def _name_and_date(entry: ListedEntry) -> Hashable:
    return (entry.list_code, fold_key(entry.name), entry.start_date) if entry.start_date else None


def _name(entry: ListedEntry) -> Hashable:
    return (entry.list_code, fold_key(entry.name))


def _country(entry: ListedEntry) -> str:
    return entry.countries[0] if entry.countries else ""


def _contradict(one: ListedEntry, other: ListedEntry) -> bool:
    """Whether both name countries and share none, or both carry an official number and it differs."""
    apart = bool(one.countries and other.countries) and not set(one.countries) & set(other.countries)
    numbers = (_number(one), _number(other))
    return apart or (None not in numbers and numbers[0] != numbers[1])


def _unique(
    left: Mapping[str, ListedEntry], right: Mapping[int, ListedEntry], sign: Callable[[ListedEntry], Hashable]
) -> list[tuple[str, int]]:
    """The pairs whose sign occurs once on each side."""
    keys: dict[Hashable, list[str]] = defaultdict(list)
    ids: dict[Hashable, list[int]] = defaultdict(list)
    for key, entry in left.items():
        keys[sign(entry)].append(key)
    for number, entry in right.items():
        ids[sign(entry)].append(number)
    return [
        (held[0], ids[value][0])
        for value, held in keys.items()
        if value is not None and len(held) == 1 and len(ids.get(value, ())) == 1
    ]


def _alike(left: Mapping[str, ListedEntry], right: Mapping[int, ListedEntry]) -> list[tuple[str, int]]:
    """Pairs that share a name, alias or address and have like names, the best first."""
    holders: dict[Hashable, list[int]] = defaultdict(list)
    for number, entry in right.items():
        for feature in _features(entry):
            holders[feature].append(number)
    scored: list[tuple[float, str, int]] = []
    for key, entry in left.items():
        seen: set[int] = set()
        for feature in _features(entry):
            held = holders.get(feature, [])
            seen.update(held if len(held) <= COMMON else ())
        for number in seen:
            score = _names_alike(entry, right[number])
            if score >= RENAME_LIKENESS and not _contradict(entry, right[number]):
                scored.append((score, key, number))
    ties = Counter(side for score, key, number in scored for side in ((score, key), (score, number)))
    pairs: list[tuple[str, int]] = []
    taken: set[Hashable] = set()
    for score, key, number in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
        in_doubt = ties[score, key] > 1 or ties[score, number] > 1
        if not in_doubt and key not in taken and number not in taken:
            pairs.append((key, number))
            taken |= {key, number}
    return pairs


def _features(entry: ListedEntry) -> Iterable[Hashable]:
    yield from ((entry.list_code, "name", fold_key(name)) for name in {entry.name, *entry.aliases})
    for address in entry.addresses:
        text = " ".join(sorted(place_words(address.text)))
        if len(text) >= SHORTEST_ADDRESS:
            yield (entry.list_code, "address", text)


def _names_alike(one: ListedEntry, other: ListedEntry) -> float:
    """1.0 when one's main name is a name of the other or reads like it; else the likeness of the main names."""
    names = fold_key(one.name), fold_key(other.name)
    if names[0] in map(fold_key, other.aliases) or names[1] in map(fold_key, one.aliases):
        return 1.0
    if same_reading(one.name, other.name):
        return 1.0
    words = names[0].split(), names[1].split()
    rests = [" ".join(word for word in words[side] if word not in words[1 - side]) for side in (0, 1)]
    if all(rests) and likeness(*rests) < REST_LIKENESS:
        return 0.0
    return likeness(*names)
