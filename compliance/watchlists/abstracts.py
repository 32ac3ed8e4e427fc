"""What the title and abstract of a Federal Register document say: which list, how many entries, which destinations.

Read from the words, never guessed: a number counts only as the object of a verb in the active voice ("adding
twenty-eight entities"), of the rule at hand, about a list that is named. Two numbers that cannot both hold give
None, as silence does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .parsers.countries import CODE_OF_COUNTRY
from .parsers.country_names import country_code
from .parsers.text import collapse

# The longest abstract of BIS has about 3,000 characters. Of a longer text nothing is counted.
MAX_CHARACTERS = 20_000


@dataclass(frozen=True)
class Counts:
    """What a document says it changes; None where it doesn't say. One entity may stand in several entries.

    `destinations`: ISO codes of the destinations named, in their order.
    """

    added_entities: int | None = None
    added_entries: int | None = None
    revised: int | None = None
    removed: int | None = None
    corrected: int | None = None
    destinations: tuple[str, ...] = ()

    @property
    def added(self) -> int | None:
        """Entities added, or entries where the document counts only those."""
        return self.added_entries if self.added_entities is None else self.added_entities

    @property
    def says_nothing(self) -> bool:
        """Whether no number was read."""
        return {self.added, self.revised, self.removed, self.corrected} == {None}


# Which list

_UFLPA = re.compile(r"(?:Uyghur Forced Labor Prevention Act|UFLPA)(?:\s+\(UFLPA\))?\s+Entity\s+List", re.IGNORECASE)
_LIST_NAMES = {
    "EL": r"\bEntity\s+List\b|\bSupplement\s+No\.?\s+4\s+to\s+part\s+744\b",
    "UVL": r"\bUnverified\s+List\b|\bUVL\b|\bSupplement\s+No\.?\s+6\s+to\s+part\s+744\b",
    "MEU": r"\bMilitary[- ]End[- ]Users?\s+(?:\(MEU\)\s+)?List\b|\bMEU\s+List\b"
    r"|\bSupplement\s+No\.?\s+7\s+to\s+part\s+744\b",
    "DPL": r"\bDenied\s+Persons\s+List\b|\bden(?:y|ying|ial\s+of)\s+(?:of\s+)?export\s+privileges\b"
    r"|\b(?:temporary\s+)?denial\s+order\b",
    "UFLPA": _UFLPA.pattern,
}
# A number about one of these is none of our lists'.
_OTHER_LISTS = (
    r"\bValidated\s+End[- ]Users?\b|\bVEUs?\b|\bSDN\s+List\b|\bSpecially\s+Designated\s+Nationals\b"
    r"|\bSupplement\s+No\b|\bCountry\s+Group\b|\bCommerce\s+Control\s+List\b|\bCCL\b"
)
_LIST_WORDS = re.compile(
    "|".join(f"(?P<{code}>{_LIST_NAMES[code]})" for code in ("UFLPA", "EL", "UVL", "MEU", "DPL"))
    + f"|(?P<OTHER>{_OTHER_LISTS})",
    re.IGNORECASE,
)


def lists_in(title: str, abstract: str) -> tuple[str, ...]:
    """The codes of the lists that a title or an abstract names: EL, UVL, MEU, DPL, UFLPA."""
    named = {code for code, _ in _mentions(f"{title} . {abstract}")}
    return tuple(code for code in _LIST_NAMES if code in named)


def _mentions(text: str) -> list[tuple[str, int]]:
    return [(found.lastgroup or "", found.start()) for found in _LIST_WORDS.finditer(text)]


# Numbers

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
    *("sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = (
    {word: value for value, word in enumerate(_UNITS + _TEENS, 1)}
    | {word: value * 10 for value, word in enumerate(_TENS, 2)}
    | {"a": 1, "an": 1, "this": 1, "another": 1}
)
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_UNITS)}))?|{'|'.join(_TEENS)}|{'|'.join(_UNITS)})"
_WORD_NUMBER = rf"(?:(?:{'|'.join(_UNITS)})[-\s]hundred(?:(?:\s+and)?\s+{_BELOW_100})?|{_BELOW_100})"
_NUMBER = rf"(?<![\w$.,-])(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,5}}|{_WORD_NUMBER})(?![\w%-])(?:\s*\(\d{{1,5}}\))?"


def _value(printed: str) -> int:
    """The number for "37", "1,024", "twenty-eight", "three (3)" or "an"."""
    plain = re.sub(r"\s*\(\d+\)$", "", printed.strip().lower())
    if plain[0].isdecimal():
        return int(plain.replace(",", ""))
    total = 0
    for word in re.split(r"[-\s]+", plain):
        if word == "hundred":
            total *= 100
        elif word != "and":
            total += _VALUES[word]
    return total


# Statements

_KIND_OF_STEM = (
    ("add", "added"),
    ("remov", "removed"),
    ("delet", "removed"),
    ("revis", "revised"),
    ("modif", "revised"),
    ("amend", "revised"),
    ("correct", "corrected"),
)
_VERB = (
    r"(?<!\w)(?P<verb>adds|adding|removes|removing|deletes|deleting|revises|revising|modifies|modifying"
    r"|amends|amending|corrects|correcting|(?<=\bto )(?:add|remove|delete|revise|modify|amend|correct))\s+"
)
_NOUN_VERB = (
    r"(?<!\w)(?P<verb>additions?|removals?|deletions?|revisions?|modifications?|amendments?|corrections?)"
    r"\s+(?:of|to)\s+"
)
_PLURAL = r"entities|persons|parties|companies|individuals"
_SINGULAR = r"entity|person|party|company|individual"
_BETWEEN = (
    r"(?:(?:to|from|on)\s+the\s+[\w\s()-]{0,40}?List\s+(?:\(\w+\)\s+)?)?(?:a\s+total\s+of\s+)?"
    r"(?:[\w\s]{0,30}?\berrors?\s+in\s+)?(?:the\s+entries\s+for\s+)?(?:(?:the|these|those)\s+)?"
)
_QUALITY = r"(?:(?:existing|additional|new|more|further|other|separate|current|inadvertently|omitted|listed)\s+){0,3}"
_OBJECT = (
    rf"{_BETWEEN}(?:(?P<number>{_NUMBER})\s+(?:of\s+(?:these|the)\s+)?{_QUALITY}"
    rf"(?P<noun>{_PLURAL}|{_SINGULAR}|entries|entry)"
    rf"|(?P<article>an?|this|another)\s+{_QUALITY}(?P<single>{_SINGULAR}|entry)"
    rf"|(?P<vague>several|multiple|certain|some|various|many|numerous)\s+{_QUALITY}(?P<many>{_PLURAL}|entries)"
    r"|(?P<them>them))\b"
)
_STATEMENT = re.compile(_VERB + _OBJECT, re.IGNORECASE)
_TITLE_STATEMENT = re.compile(_NOUN_VERB + _OBJECT, re.IGNORECASE)
_ANY_VERB = re.compile(_VERB, re.IGNORECASE)
_UNDER_ENTRIES = re.compile(rf"\bunder\s+(?P<number>{_NUMBER})\s+entr(?:y|ies)\b", re.IGNORECASE)
_OF_WHICH_ENTITIES = re.compile(rf"\s*\((?P<number>{_NUMBER})\s+(?:{_PLURAL}|{_SINGULAR})\b", re.IGNORECASE)
# "These thirty-two entities ... will be listed on the Entity List": says again what was added, or says it at all.
_LISTED_AGAIN = re.compile(
    rf"\bthese\s+(?P<number>{_NUMBER})\s+{_QUALITY}(?P<noun>{_PLURAL}|entries)\b.*?\b(?:listed|added)\b", re.IGNORECASE
)
_ALSO = re.compile(r"\b(?:also|in addition|additionally|further|furthermore|moreover|lastly|finally|another)\b", re.I)
_PARTS = re.compile(r"\b(?:including|consisting\s+of|of\s+which|comprising)\b", re.IGNORECASE)
# An earlier rule, or one that is not made yet.
_NOT_THIS_RULE = re.compile(
    r"\b(?:amended|published|issued|released|updated|announced|propos(?:es|ed|ing)|would|intends?|may|might)\b", re.I
)
_TO_CORRECT = re.compile(r"\bto\s+correct\b", re.IGNORECASE)

_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}(?!\s+(?:This|These|In|It|BIS|The|All|Some|Lastly|Finally|Of|As)\b)")
_SHORT_WORDS = re.compile(r"\b(Co|Ltd|Inc|Corp|No|Supp)\.")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"“(]?[A-Z])")


@dataclass(frozen=True)
class _Statement:
    """One number about one list. `value` is None for "several". `adds_up`: comes on top of what was said before."""

    list_code: str
    kind: str
    value: int | None
    sentence: int
    adds_up: bool = False
    says_again: bool = False


def counts_in(title: str, abstract: str) -> Counts:
    """What a title and an abstract say is changed, over all lists together."""
    by_list = _readings(title, abstract)
    totals: dict[str, int | None] = {}
    for kind in {kind for _, kind in by_list}:
        values = [value for (_, each), value in by_list.items() if each == kind]
        known = [value for value in values if value is not None]
        totals[kind] = sum(known) if len(known) == len(values) else None
    return _counts(totals, destinations_in(abstract))


def counts_by_list_in(title: str, abstract: str) -> dict[str, Counts]:
    """What a title and an abstract say is changed on each list that they name, without destinations."""
    by_list = _readings(title, abstract)
    return {
        code: _counts({kind: value for (each, kind), value in by_list.items() if each == code})
        for code in lists_in(title, abstract)
    }


def _counts(values: Mapping[str, int | None], destinations: tuple[str, ...] = ()) -> Counts:
    return Counts(
        added_entities=values.get("added_entities"),
        added_entries=values.get("added_entries"),
        revised=values.get("revised"),
        removed=values.get("removed"),
        corrected=values.get("corrected"),
        destinations=destinations,
    )


def _readings(title: str, abstract: str) -> dict[tuple[str, str], int | None]:
    """(list, kind) to its number, None where what is said doesn't agree; left out where nothing is said."""
    if len(title) + len(abstract) > MAX_CHARACTERS:
        return {}
    lists = lists_in(title, abstract)
    only = lists[0] if len(lists) == 1 else ""
    said = _totals(_statements(abstract, only, _STATEMENT))
    in_title = _totals(_statements(title, only, _TITLE_STATEMENT))
    for place, value in in_title.items():
        said[place] = value if said.get(place, value) == value else None
    return said


def _totals(statements: Iterator[_Statement]) -> dict[tuple[str, str], int | None]:
    parts: dict[tuple[str, str], list[int]] = {}
    sentences: dict[tuple[str, str], int] = {}
    unclear: set[tuple[str, str]] = set()
    for statement in statements:
        place, value = (statement.list_code, statement.kind), statement.value
        before = parts.setdefault(place, [])
        same_sentence = sentences.get(place) == statement.sentence
        if value is None:
            unclear |= {place} if statement.adds_up else set()
        elif not before or ((same_sentence or statement.adds_up) and not statement.says_again):
            before.append(value)
        elif value not in (*before, sum(before)):
            unclear.add(place)
        sentences[place] = statement.sentence
    settled: dict[tuple[str, str], int | None] = {place: sum(found) for place, found in parts.items() if found}
    return settled | dict.fromkeys(unclear)


def _statements(text: str, only: str, pattern: re.Pattern[str]) -> Iterator[_Statement]:
    for number, sentence in enumerate(_sentences(text)):
        yield from _of_sentence(sentence, number, only, pattern)


def _sentences(text: str) -> list[str]:
    plain = _INITIALS.sub(lambda found: found[0].replace(".", ""), collapse(text))
    return _SENTENCE_END.split(_SHORT_WORDS.sub(r"\1", plain))


def _of_sentence(sentence: str, place: int, only: str, pattern: re.Pattern[str]) -> Iterator[_Statement]:
    mentions = _mentions(sentence)
    last_value: int | None = None
    seen: set[tuple[str, str]] = set()
    for found in pattern.finditer(sentence):
        before = sentence[: found.start()]
        if _NOT_THIS_RULE.search(before):
            return
        following = _ANY_VERB.search(sentence, found.end())
        end = following.start() if following else len(sentence)
        list_code = _list_of(mentions, found.start(), end, only)
        value = _said(found, last_value)
        last_value = value
        kind = _kind_of(found, sentence, end)
        if not list_code or ((list_code, kind) in seen and _PARTS.search(before)):
            continue
        seen.add((list_code, kind))
        adds_up = bool(_ALSO.search(before) or found["article"] == "another")
        yield _Statement(list_code, kind, value, place, adds_up)
        if kind.startswith("added"):
            yield from _beside(found, sentence, end, _Statement(list_code, kind, value, place, adds_up))
    for again in _LISTED_AGAIN.finditer(sentence):
        if list_code := _list_of(mentions, again.start(), len(sentence), only):
            kind = "added_entries" if again["noun"].lower() == "entries" else "added_entities"
            yield _Statement(list_code, kind, _value(again["number"]), place, says_again=True)


def _beside(found: re.Match[str], sentence: str, end: int, base: _Statement) -> Iterator[_Statement]:
    """The second number of "adding 10 entities under 13 entries" and "adding 29 entries (26 entities and ...)"."""
    if base.kind == "added_entities" and (under := _UNDER_ENTRIES.search(sentence, found.end(), end)):
        yield _Statement(base.list_code, "added_entries", _value(under["number"]), base.sentence, base.adds_up)
    if base.kind == "added_entries" and (inside := _OF_WHICH_ENTITIES.match(sentence, found.end())):
        yield _Statement(base.list_code, "added_entities", _value(inside["number"]), base.sentence, base.adds_up)


def _said(found: re.Match[str], last_value: int | None) -> int | None:
    if found["them"]:
        return last_value
    if found["vague"]:
        return None
    return _value(found["number"] or found["article"])


def _kind_of(found: re.Match[str], sentence: str, end: int) -> str:
    verb = found["verb"].lower()
    kind = next(kind for stem, kind in _KIND_OF_STEM if verb.startswith(stem))
    if kind == "added":
        noun = (found["noun"] or found["single"] or found["many"] or "").lower()
        return "added_entries" if noun.startswith("entr") else "added_entities"
    # "amends 27 entries to correct ...": the next verb, which ends this clause, says what the amendment is.
    correcting = _TO_CORRECT.search(sentence, found.end(), end + len("correct"))
    return "corrected" if kind == "revised" and correcting else kind


def _list_of(mentions: list[tuple[str, int]], start: int, end: int, only: str) -> str:
    """The list that a number is about: named in its clause, else before it, else after it, else the only one."""
    inside = [code for code, at in mentions if start <= at < end]
    before = [code for code, at in mentions if at < start]
    after = [code for code, at in mentions if at >= end]
    code = inside[0] if inside else before[-1] if before else after[0] if after else only
    return "" if code == "OTHER" else code


# Destinations

_PLACES = re.compile(r"\b(?:destinations?(?:\s+of)?:?|under)\s+(?=[A-Z]|the\s)")
_JOINT = re.compile(r"\s*(?:[,;]\s*(?:\(\d+\)\s*[,;]?\s*)?(?:and\s+)?|\band\s+)")
# "India (1) Panama (2)": the comma was forgotten, the count ends the name.
_COUNT_AS_JOINT = re.compile(r"(?<=\d\))\s+(?=[A-Z])")
_WORD = r"[A-Z][\w.’'-]*"
_PLACE = re.compile(rf"(?:the\s+)?(?P<name>{_WORD}(?:\s+(?:of|the|{_WORD})){{0,8}})(?:\s*\([^()]{{0,60}}\)){{0,3}}")
_TURNED = re.compile(r"\bChina,\s+People.?s\s+Republic\s+of\b|\bPeople.?s\s+Republic\s+of\s+China\b")
_AND_IN_NAME = re.compile(r"\b(Bosnia|Trinidad|Antigua) and (Herzegovina|Tobago|Barbuda)\b")
_NAMES_WITH_AND = {"Bosnia": "BA", "Trinidad": "TT", "Antigua": "AG"}


def destinations_in(abstract: str) -> tuple[str, ...]:
    """ISO codes of the destinations that an abstract lists entries under, in its order; regions by their country."""
    found: dict[str, None] = {}
    for sentence in _sentences(abstract[:MAX_CHARACTERS]):
        text = _AND_IN_NAME.sub(r"\1", _TURNED.sub("China", sentence))
        for start in _PLACES.finditer(text):
            found |= dict.fromkeys(_places_from(text, start.end()))
    return tuple(found)


def _places_from(text: str, at: int) -> Iterator[str]:
    """The countries of an enumeration that begins at a place of the text, up to what is none."""
    while place := _PLACE.match(text, at):
        code = _country(place["name"])
        if not code:
            return
        yield code
        joint = _JOINT.match(text, place.end()) or _COUNT_AS_JOINT.match(text, place.end())
        if not joint:
            return
        at = joint.end()


def _country(name: str) -> str:
    plain = re.sub(r"\s+(?:of|the)$", "", name.rstrip("."))
    return _NAMES_WITH_AND.get(plain, "") or CODE_OF_COUNTRY.get(plain.lower(), "") or country_code(plain)
