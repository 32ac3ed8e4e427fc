"""Names as words that carry weight: legal forms, fillers, numbers, places, trade words and the distinctive rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from screening import tables
from screening.config import ScoringConfig
from screening.fold import Word, fold, words
from screening.tables import Meaning

MAX_TOKENS = 40  # no name has more words; what follows is not compared
IGNORED = ("legal", "filler")
COMMONPLACE = ("trade", "institution", "country", "place", "letter")  # words that say little about who is meant

_ORDINAL_WORDS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"""
_ORDINALS = {word: str(number) for number, word in enumerate(_ORDINAL_WORDS.split(), start=1)}
_ROMAN = {  # not vi, ix, xi: Vietnamese and Chinese words are spelled so
    "ii": "2", "iii": "3", "iv": "4", "vii": "7", "viii": "8", "xii": "12", "xiii": "13", "xiv": "14", "xvi": "16",
}  # fmt: skip
_NUMBER = re.compile(r"0*([0-9]+)(?:st|nd|rd|th)?")
# Two-letter legal forms that stand in front of a name; other short ones at the start are part of the name.
_LEADING_FORMS = frozenset({"pt", "cv", "ao", "ud", "oy", "ip", "tov", "too", "as"})
_PLACEHOLDER = re.compile(r"\s*address\s*\d+\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name as it is compared: `raw[start:end]` is the text it came from.

    `said` is the folded spelling; it differs from `text` for abbreviations and variants. `origin` is "trade_name"
    when the word came from the supplementary table.
    """

    text: str
    weight: float
    kind: str
    start: int
    end: int
    said: str
    origin: str = "word"


@dataclass(frozen=True, slots=True)
class NameForm:
    """A name ready to be compared. `tokens` carry weight; `ignored` (legal forms, fillers) do not."""

    raw: str
    tokens: tuple[Token, ...]
    ignored: tuple[Token, ...]
    total: float
    numbers: frozenset[str]
    compact: str
    family: frozenset[str]
    joined: tuple[tuple[str, int, int, float], ...]
    firm: bool
    key: tuple[str, ...]

    @property
    def distinctive(self) -> bool:
        """Whether any word says more than thousands of names do."""
        return any(token.kind not in COMMONPLACE for token in self.tokens)


@cache
def _phrases() -> dict[str, Meaning]:
    out = {fold(native): meaning for native, meaning in tables.native_words().items()}
    out.update(tables.latin_phrases())
    return out


@cache
def _phrase_sizes() -> dict[str, int]:
    """First word of a phrase, to the most words of a phrase that starts so."""
    out: dict[str, int] = {}
    for phrase in _phrases():
        first, *rest = phrase.split() or [""]
        out[first] = max(out.get(first, 0), 1 + len(rest))
    return out


@lru_cache(maxsize=200_000)
def word_meaning(word: str) -> tuple[str, str]:
    """The word that stands for a spelling, and its class."""
    classes = tables.word_classes()
    text = tables.variants().get(word, word)
    if text in classes:
        return text, classes[text]
    if word.endswith("ies") and word[:-3] + "y" in classes:
        return word[:-3] + "y", classes[word[:-3] + "y"]
    if len(word) > 4 and word.endswith("s") and word[:-1] in classes:
        return word[:-1], classes[word[:-1]]
    return text, "distinct"


def is_placeholder(raw: str) -> bool:
    """Whether a listed "name" only numbers an address ("Address 01")."""
    return _PLACEHOLDER.fullmatch(raw) is not None


def analyze(raw: str, config: ScoringConfig) -> NameForm:
    """Read a name. Never raises; a name with nothing to match on has no tokens."""
    found = words(raw)[:MAX_TOKENS]
    tokens: list[Token] = []
    ignored: list[Token] = []
    phrases, sizes = _phrases(), _phrase_sizes()
    i = 0
    while i < len(found):
        size, meaning = _longest_phrase(found, i, phrases, sizes)
        if meaning is None:
            token = _single(found[i], i, config)
            (ignored if token.kind in IGNORED else tokens).append(token)
            i += 1
            continue
        start, end = found[i].start, found[i + size - 1].end
        said = " ".join(word.text for word in found[i : i + size])
        for text in meaning.words or (said,):
            kind = meaning.word_class
            if len(meaning.words) > 1 and kind not in IGNORED:
                kind = word_meaning(text)[1]
            origin = meaning.origin if meaning.origin != "table" else "word"
            token = Token(text, _weight(text, kind, config), kind, start, end, said, origin)
            (ignored if kind in IGNORED else tokens).append(token)
        i += size
    return _form(raw, tokens, ignored)


def _longest_phrase(
    found: list[Word], i: int, phrases: dict[str, Meaning], sizes: dict[str, int]
) -> tuple[int, Meaning | None]:
    word = found[i]
    if word.script == "han":
        meaning = tables.han_words().get(word.text)
        return (1, meaning) if meaning is not None else (0, None)
    for size in range(min(sizes.get(word.text, 0), len(found) - i), 0, -1):
        text = word.text if size == 1 else " ".join(part.text for part in found[i : i + size])
        meaning = phrases.get(text)
        if meaning is None:
            continue
        short_start = i == 0 and size == 1 and len(text) <= 2 and meaning.word_class == "legal" and len(found) > 1
        if short_start and text not in _LEADING_FORMS:
            return 0, None
        return size, meaning
    return 0, None


def _single(word: Word, position: int, config: ScoringConfig) -> Token:
    said = word.text
    number = _number(said, position)
    if number:
        return Token(number, config.weight_number, "number", word.start, word.end, said)
    text, kind = word_meaning(said)
    if len(text) == 1 and kind == "distinct":
        kind = "letter"
    return Token(text, _weight(text, kind, config), kind, word.start, word.end, said)


def _number(said: str, position: int) -> str:
    match = _NUMBER.fullmatch(said)
    if match:
        return match.group(1)
    return _ORDINALS.get(said) or (_ROMAN.get(said, "") if position else "")


def _weight(text: str, kind: str, config: ScoringConfig) -> float:
    if kind in IGNORED:
        return 0.0
    by_kind = {
        "trade": config.weight_trade,
        "institution": config.weight_institution,
        "country": config.weight_country,
        "place": config.weight_place,
        "common": config.weight_common,
        "given": config.weight_given,
        "number": config.weight_number,
        "letter": config.weight_letter,
    }
    if kind in by_kind:
        return by_kind[kind]
    letter = config.weight_letter
    by_length = (letter, letter, config.weight_short, config.weight_three, config.weight_four)
    if len(text) < len(by_length):
        return by_length[len(text)]
    return config.weight_long if len(text) >= 8 else config.weight_word


def _form(raw: str, tokens: list[Token], ignored: list[Token]) -> NameForm:
    joined: list[tuple[str, int, int, float]] = []
    for size in (2, 3, 4):
        for i in range(len(tokens) - size + 1):
            group = tokens[i : i + size]
            if any(token.kind == "number" for token in group) or (size == 4 and max(len(t.said) for t in group) > 5):
                continue
            text = "".join(token.said.replace(" ", "") for token in group)
            if 4 <= len(text) <= 24:
                joined.append((text, i, i + size, sum(token.weight for token in group)))
    comma = raw.find(",")
    family = frozenset(t.text for t in tokens if t.end <= comma) if comma > 0 else frozenset()
    return NameForm(
        raw=raw,
        tokens=tuple(tokens),
        ignored=tuple(ignored),
        total=sum(token.weight for token in tokens),
        numbers=frozenset(token.text for token in tokens if token.kind == "number"),
        compact="".join(token.text for token in tokens),
        family=family,
        joined=tuple(joined),
        firm=any(token.kind == "legal" for token in ignored) or any(t.kind in ("trade", "institution") for t in tokens),
        key=tuple(sorted(token.text for token in tokens)),
    )
