"""What changed in a text, word by word, as pieces to be marked as inserted or deleted. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_WORDS = re.compile(r"\s+|[^\s,;()]+|[,;()]")
LONGEST = 4000  # words; a longer pair is shown whole, old and new


@dataclass(frozen=True)
class Piece:
    """A stretch of text: "same", "del" (only in the old text) or "ins" (only in the new)."""

    kind: str
    text: str


@dataclass(frozen=True)
class FieldChange:
    """One field of an entry that reads differently, in words people use."""

    field: str
    pieces: tuple[Piece, ...]


FIELDS = {
    "license_requirement": "license requirement",
    "license_policy": "review policy",
    "dates_of_birth": "dates of birth",
    "places_of_birth": "places of birth",
    "start_date": "start date",
    "end_date": "end date",
    "standard_order": "standard order",
    "entity_number": "entity number",
    "identifiers": "identifiers",
}


def field_changes(changes: Mapping[str, Any]) -> list[FieldChange]:
    """The stored changes of a ListDelta (field → [old, new]) as marked texts."""
    return [
        FieldChange(FIELDS.get(name, name.replace("_", " ")), word_changes(as_line(pair[0]), as_line(pair[1])))
        for name, pair in changes.items()
    ]


def as_line(value: Any) -> str:
    """A stored field as one line: addresses with their country, lists separated by semicolons."""
    if isinstance(value, list):
        return "; ".join(as_line(item) for item in value)
    if isinstance(value, Mapping):
        return f"{value['text']} ({value['country']})" if value.get("country") else str(value["text"])
    return str(value or "")


def word_changes(old: str, new: str) -> tuple[Piece, ...]:
    """Both texts laid over each other. The pieces without "ins" give the old text, those without "del" the new."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) > LONGEST:
        return tuple(piece for piece in (Piece("del", old), Piece("ins", new)) if piece.text)
    pieces: list[Piece] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(Piece("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("del", "".join(before[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("ins", "".join(after[j1:j2])))
    return tuple(pieces)
