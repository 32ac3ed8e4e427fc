"""What makes an entry the same entry from one version to the next, and what makes it differ.

The file's own `_id` is no identity: for the BIS and State lists it changes with every build.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from .parsers.base import ENTRY_FIELDS, OFAC_LISTS, ListedEntry
from .parsers.country_names import country_code

# Not content: the damage we found, the address of a web page, and dates as printed beside the read ones.
# `citations` is read from `citation`, which counts.
_NOT_MATERIAL = frozenset({"marks", "source_list_url", "start_date_raw", "end_date_raw", "citations"})
MATERIAL_FIELDS = tuple(name for name in ENTRY_FIELDS if name not in _NOT_MATERIAL)
# Fields that came later count only where they say something, so that texts stored before keep their fingerprint.
_LATER_FIELDS = frozenset({"destination", "weak_aliases", "footnotes", "effect"})

_CITATION = re.compile(r"(\d{1,3})\s*\.?\s*F\.?\s*R\.?\s*(\d{2,6})\b")
# Signs that stand inside a word ("People's"), and what a lost apostrophe leaves behind ("People?s").
_INNER_SIGNS = re.compile("['’‘`´ʼʻ\"“”?\ufffd]")
_NO_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)


def fold_key(text: str) -> str:
    """The text for use in a key: no case, accents, punctuation or lost letters, single spaces.

    A text of signs alone is kept as it is, in lower case, so that two of them stay apart.
    """
    if text.isascii():
        plain = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).translate(_NO_DECOMPOSITION)
    words = "".join(sign if sign.isalnum() else " " for sign in _INNER_SIGNS.sub("", plain)).split()
    return " ".join(words) or "_".join(text.casefold().replace("|", "/").split())


def first_citation(text: str) -> str:
    """The first Federal Register citation in a text as "84 FR 54002", or ""."""
    found = _CITATION.search(text)
    return f"{int(found[1])} FR {int(found[2])}" if found else ""


def stable_key(entry: ListedEntry) -> str:
    """The identity of an entry across versions, readable: "EL|zte parsian|IR|81 FR 12004".

    OFAC's entity number is an identity of its own ("SDN|21944"); elsewhere name, country of the
    first address that has one, and first citation stand for it (or the whole citation where it gives no
    Federal Register page). Two entries can share it: see
    `keys_of`.
    """
    if entry.list_code in OFAC_LISTS and entry.entity_number.strip():
        return f"{entry.list_code}|{fold_key(entry.entity_number)}"
    country = entry.countries[0] if entry.countries else ""
    citation = first_citation(entry.citation) or fold_key(entry.citation)
    return "|".join((entry.list_code, fold_key(entry.name), country, citation))


def place_words(text: str) -> list[str]:
    """The folded words of an address but the country's, which one source prints as a name and another as a code."""
    return [word for word in fold_key(text).split() if not country_code(word)]


def address_key(entry: ListedEntry) -> str:
    """The folded addresses of an entry, in a fixed order, as one text."""
    return " / ".join(sorted(fold_key(address.text) for address in entry.addresses))


def keys_of(entries: Iterable[ListedEntry]) -> list[str]:
    """One key for each entry of a file, no two alike.

    Entries that share a stable key are told apart by their addresses; those that share these too
    by their order in the file (#2, #3). None is ever merged into another.
    """
    entries = list(entries)
    bases = [stable_key(entry) for entry in entries]
    shared = Counter(bases)
    wanted = [
        base if shared[base] == 1 else f"{base}|{address_key(entry)}"
        for base, entry in zip(bases, entries, strict=True)
    ]
    taken: dict[str, int] = {}
    return [unique_key(key, taken) for key in wanted]


def unique_key(key: str, taken: dict[str, int]) -> str:
    """The key, with the next free number if it is taken. Adds it to `taken`: key → last number given."""
    number, unique = taken.get(key, 0) + 1, key
    if number > 1:
        unique = f"{key}#{number}"
        while unique in taken:
            number += 1
            unique = f"{key}#{number}"
        taken[unique] = 1
    taken[key] = number
    return unique


def content_fingerprint(entry: ListedEntry) -> str:
    """SHA-256, in hex, over the material fields; runs of white space count as one space."""
    content: list[Any] = [_collapsed(getattr(entry, name)) for name in MATERIAL_FIELDS if name not in _LATER_FIELDS]
    later = {name: _collapsed(value) for name in sorted(_LATER_FIELDS) if (value := getattr(entry, name))}
    if later:
        content.append(later)
    return hashlib.sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def changed_fields(old: ListedEntry, new: ListedEntry) -> dict[str, tuple[Any, Any]]:
    """The material fields that differ, as field → (old, new) in plain JSON values."""
    return {
        name: (_plain(getattr(old, name)), _plain(getattr(new, name)))
        for name in MATERIAL_FIELDS
        if _collapsed(getattr(old, name)) != _collapsed(getattr(new, name))
    }


# A sign that a feed puts where it lost one ("M?ller"); it may stand for any one letter, or for none.
_LOST = "?\ufffd"
# The accents of Latin, Greek and Cyrillic letters, once decomposed.
_ACCENTS = frozenset(map(chr, range(0x0300, 0x0370)))
# A text with more lost signs than this share of its letters reads like anything, so it is not compared by them.
LOST_SHARE = 0.2
# Facts that must agree as printed: a date or a number with another sign in it is another date or number.
_EXACT_FIELDS = frozenset({"list_code", "kind", "start_date", "end_date", "destination", "effect", "footnotes"})


def split_changes(
    changes: dict[str, tuple[Any, Any]],
) -> tuple[dict[str, tuple[Any, Any]], dict[str, tuple[Any, Any]]]:
    """The changed fields as (material, cosmetic).

    Cosmetic: spacing, punctuation, case, accents, damaged letters or the order of a list's items alone.
    """
    material: dict[str, tuple[Any, Any]] = {}
    cosmetic: dict[str, tuple[Any, Any]] = {}
    for name, (old, new) in changes.items():
        same = name not in _EXACT_FIELDS and _same_value(old, new)
        (cosmetic if same else material)[name] = (old, new)
    return material, cosmetic


def _same_value(old: Any, new: Any) -> bool:
    if isinstance(old, str) and isinstance(new, str):
        return same_reading(old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        return old.get("country") == new.get("country") and same_reading(old["text"], new["text"])
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return False
    left = list(new)
    for item in old:
        found = next((number for number, other in enumerate(left) if _same_value(item, other)), None)
        if found is None:
            return False
        del left[found]
    return True


def same_reading(old: str, new: str) -> bool:
    """Whether two texts differ in spacing, punctuation, case, accents or damaged letters alone.

    Numbers must agree as groups of digits: "1.5" and "15" differ. A lost sign ("?") stands for one letter or none.
    """
    if _numbers(old) != _numbers(new):
        return False
    if _letters(old) == _letters(new):
        return True
    if any(sign in old for sign in _LOST) == any(sign in new for sign in _LOST):
        return False
    damaged, whole = (old, new) if any(sign in old for sign in _LOST) else (new, old)
    lost = sum(map(damaged.count, _LOST))
    if lost > max(1, LOST_SHARE * len(damaged)):
        return False
    return _fits([_letters(part) for part in re.split(f"[{_LOST}]", damaged)], _letters(whole))


def _fits(parts: list[str], whole: str) -> bool:
    """Whether `whole` is the parts one after another, with one letter or none between two. No backtracking."""
    ends = {len(parts[0])} if whole.startswith(parts[0]) else set()
    for part in parts[1:]:
        starts = {at for end in ends for at in (end, end + 1) if at <= len(whole)}
        ends = {at + len(part) for at in starts if whole.startswith(part, at)}
    return len(whole) in ends


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _letters(text: str) -> str:
    """The folded letters and digits of a text, without anything between them.

    Accents go; the signs that tell letters apart in other scripts (Japanese voice marks, Indic vowels) stay.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_NO_DECOMPOSITION)
    return "".join(sign for sign in decomposed if sign.isalnum() or (sign not in _ACCENTS and _is_mark(sign)))


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Mc")


def _collapsed(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, tuple):
        return [_collapsed(item) for item in value]
    return [" ".join(value.text.split()), value.country]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {"text": value.text, "country": value.country}
