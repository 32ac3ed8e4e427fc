"""How like two addresses are: the same door, the same building, or only the same town."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from screening.features.words import edits_allowed
from screening.fold import words
from screening.tables import latin_phrases
from screening.tokens import word_meaning

# Words that say what kind of part follows or precedes; they do not tell one address from another.
_ROAD = (
    """road rd street st str avenue ave av lane ln boulevard blvd highway hwy drive dr way jie lu dao square plaza"""
)
_PARTS = """no number nr of the and p o box zone area city town village district dist county province region state park
    building bldg block tower mansion house plot xuar people republic new shi qu sheng de la du al"""
_UNIT_WORDS = frozenset(("room", "rm", "flat", "unit", "suite", "ste", "apt", "apartment", "shop", "office", "off"))
_FLOOR_WORDS = frozenset(("floor", "flr", "fl", "f"))
_ROADS = frozenset(_ROAD.split())
_SILENT = frozenset(f"{_ROAD} {_PARTS}".split()) | _UNIT_WORDS | _FLOOR_WORDS
_FLOOR_GLUED = re.compile(r"([0-9]{1,3})(?:f|fl|flr)")
_ORDINAL = re.compile(r"([0-9]{1,3})(?:st|nd|rd|th)")
_DIGITS = re.compile(r"0*([0-9]+)([a-z]?)")
_GENERIC = ("country", "filler", "legal", "institution", "trade")
_KEY_LETTERS = 3  # a slip later in the street's name still leads to the entry
_DIRECTIONS = {"n": "north", "s": "south", "e": "east", "w": "west"}


@dataclass(frozen=True, slots=True)
class AddressForm:
    """An address in parts. `keys` are pairs of house number and beginning of a street word: two
    like addresses share at least one."""

    raw: str
    numbers: frozenset[str]
    street: frozenset[str]
    places: frozenset[str]
    units: frozenset[str]
    floors: frozenset[str]
    postcodes: frozenset[str]
    keys: frozenset[str]


def analyze_address(raw: str) -> AddressForm:
    """Read an address of any country roughly into numbers, street words, places, unit and floor. Never raises."""
    found = _join_places([word.text for word in words(raw)][:60])
    numbers: set[str] = set()
    units: set[str] = set()
    floors: set[str] = set()
    postcodes: set[str] = set()
    plain: list[str] = []
    for i, word in enumerate(found):
        before = found[i - 1] if i else ""
        after = found[i + 1] if i + 1 < len(found) else ""
        glued, ordinal, digits = _FLOOR_GLUED.fullmatch(word), _ORDINAL.fullmatch(word), _DIGITS.fullmatch(word)
        if glued:
            floors.add(glued.group(1))
        elif (ordinal or digits) and (after in _FLOOR_WORDS or before in _FLOOR_WORDS):
            match = ordinal or digits
            floors.add(match.group(1) if match else word)
        elif before in _UNIT_WORDS and any(c.isdigit() for c in word):
            units.add(word)
        elif digits and len(digits.group(1)) >= 5 and not digits.group(2):
            postcodes.add(digits.group(1))
        elif digits:
            numbers.add(digits.group(1) + digits.group(2))
        elif word in _DIRECTIONS:
            plain.append(_DIRECTIONS[word])
        elif len(word) > 1 and word not in _SILENT:
            plain.append(word)
    places, street = _split_places(plain)
    keys = {f"{number}|{word[:_KEY_LETTERS]}" for number in numbers | units for word in street if len(word) >= 3}
    return AddressForm(
        raw, frozenset(numbers), frozenset(street), frozenset(places), frozenset(units), frozenset(floors),
        frozenset(postcodes), frozenset(keys),
    )  # fmt: skip


def _join_places(found: list[str]) -> list[str]:
    """Place names of two words as one: "Hong Kong" is a town, not two words of a street."""
    out: list[str] = []
    for word in found:
        meaning = latin_phrases().get(f"{out[-1]} {word}") if out else None
        if meaning is not None and meaning.word_class in ("place", "country"):
            out[-1] = meaning.words[0]
        else:
            out.append(word)
    return out


def looks_like_address(raw: str) -> bool:
    """Whether a text has a number and a road word."""
    found = {word.text for word in words(raw)}
    return bool(found & _ROADS) and any(any(c.isdigit() for c in word) for word in found)


def is_silent(word: str) -> bool:
    """Whether a folded word only labels a part of an address ("Rd", "District", "Floor")."""
    return word in _SILENT


def _split_places(plain: list[str]) -> tuple[set[str], set[str]]:
    places: set[str] = set()
    street: set[str] = set()
    previous = ""
    for word in plain:
        text, kind = word_meaning(word)
        if kind == "place":
            places.add(text)
        elif kind not in _GENERIC:
            street.add(text)
        if previous and kind not in _GENERIC:
            street.add(previous + word)  # "Qian Mo" is "Qianmo"
        previous = word if kind not in _GENERIC else ""
    return places, street


def compare_addresses(query: AddressForm, listed: AddressForm) -> float:
    """Likeness of two addresses, 0.0 to 1.0.

    1.0 same number, street, town and (where given) same unit; 0.85 when only one side names a unit or floor;
    0.6 the same building but another unit or floor: neighbors in an office tower; 0.4 the same street only.
    """
    street = _common_street(query.street, listed.street)
    if not street:
        return 0.0
    other_town = query.places and listed.places and not (query.places & listed.places)
    if other_town and not (query.postcodes & listed.postcodes):
        return 0.2
    if not (_house_numbers(query) & _house_numbers(listed)):
        return 0.4
    likeness = 1.0 if query.places & listed.places or query.postcodes & listed.postcodes else 0.9
    return round(likeness * _same_door(query, listed), 2)


def _house_numbers(form: AddressForm) -> frozenset[str]:
    return form.numbers | form.units


def _common_street(query: frozenset[str], listed: frozenset[str]) -> bool:
    if any(len(word) >= 3 for word in query & listed):
        return True
    for left in query:
        for right in listed:
            if left[:_KEY_LETTERS] != right[:_KEY_LETTERS]:
                continue
            allowed = min(edits_allowed(max(len(left), len(right))), 1)
            if allowed and OSA.distance(left, right, score_cutoff=allowed) <= allowed:
                return True
    return False


def _same_door(query: AddressForm, listed: AddressForm) -> float:
    ours, theirs = query.units | query.floors, listed.units | listed.floors
    if not ours and not theirs:
        return 1.0
    if query.units and listed.units:
        return 1.0 if query.units & listed.units else 0.6
    if query.floors and listed.floors:
        return 1.0 if query.floors & listed.floors else 0.6
    # "Flat 1204" may be written "1204" on the other side: the number is there, only its label is not.
    if ours and not theirs:
        return 1.0 if query.units and query.units <= listed.numbers else 0.85
    if theirs and not ours:
        return 1.0 if listed.units and listed.units <= query.numbers else 0.85
    return 0.85
