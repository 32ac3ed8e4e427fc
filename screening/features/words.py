"""How like two folded words are."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

_DOUBLED = re.compile(r"(.)\1+")
_SOUNDS = (
    ("tch", "c"), ("sch", "s"), ("kh", "h"), ("gh", "g"), ("ph", "f"),
    ("sh", "s"), ("zh", "z"), ("ch", "c"), ("ck", "k"),
    ("dj", "j"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("x", "ks"), ("q", "k"), ("w", "v"), ("y", "i"), ("j", "i"),
)  # fmt: skip


@lru_cache(maxsize=200_000)
def sound_key(word: str) -> str:
    """A key that spellings of one sound share ("Qadir", "Kadir"; "Yusif", "Jusif"): own rules for romanized names."""
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    return _DOUBLED.sub(r"\1", word)


def edits_allowed(length: int) -> int:
    """How many slips a word of this length (the longer of two) may have and still be read as the same word."""
    if length < 5:
        return 0
    if length < 8:
        return 1
    return 2


def word_likeness(query: str, listed: str, *, cutoff: float, sound_alike: float) -> float:
    """Likeness of two words: 1.0 equal, 0.0 different words. Words with digits must be equal.

    1 - edits / length of the longer (optimal string alignment: insert, delete, replace, swap neighbors), when the
    edits are few for the length; `sound_alike` for words that differ in letters but not in sound.
    """
    if query == listed:
        return 1.0
    longer = max(len(query), len(listed))
    allowed = edits_allowed(longer)
    if not allowed or not (query.isalpha() and listed.isalpha()):
        return 0.0
    edits = OSA.distance(query, listed, score_cutoff=allowed)
    likeness = 1.0 - edits / longer if edits <= allowed else 0.0
    if min(len(query), len(listed)) >= 5 and sound_key(query) == sound_key(listed):
        likeness = max(likeness, sound_alike)
    return likeness if likeness >= cutoff else 0.0
