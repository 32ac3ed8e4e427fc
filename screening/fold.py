"""From text as written to plain lower-case Latin words, remembering where in the raw text each word stood.

Undone here: Unicode forms, full-width letters, zero-width and direction marks, HTML entities, accents, case,
look-alike letters of another script, letters lost as "?", dots in initials, and scripts other than Latin.
What a word *means* (legal form, place, abbreviation) is decided later, in `tokens`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from pypinyin import Style, lazy_pinyin

from screening import tables

# Longer text is no name: only its beginning is compared, so that no input takes long.
MAX_CHARS = 400

_APOSTROPHES = "'’‘ʼʻʾʿ`´′ʹ＇"
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#[0-9]{1,6}|#[xX][0-9a-fA-F]{1,5});")
_ASCII_PARTS = re.compile(r"[A-Za-z0-9]+(?:['`?][A-Za-z0-9]+)*|&")
# Legal forms that records glue to the word before them ("SUN PROPERTIESllc", "SiemensAG", "Unitedcorp").
_GLUED = re.compile(r".{4,}(company|corporation|limited|corp|gmbh|fzco|ltd|llc|jsc)")
_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_ORDINAL = re.compile(f"第([{_HAN_DIGITS}十]+)")
_CASE_CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z]{2})|(?<=[A-Z]{2})(?=[a-z]{2})")
# Letters that no decomposition reaches, spelled as their languages spell them in ASCII.
_SPECIAL = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
    "ı": "i", "ŋ": "ng", "ħ": "h", "ə": "a",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word; `raw[start:end]` is the text it came from. `script` is latin, han or other."""

    text: str
    start: int
    end: int
    script: str = "latin"


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    start: int
    end: int
    script: str


def fold(text: str) -> str:
    """The folded words with one space between them: "S.I.S. d.o.o." gives "sis doo". Never raises."""
    return " ".join(word.text for word in words(text))


def words(text: str) -> list[Word]:
    """Split `text` (its first MAX_CHARS characters) into folded words with their places in the raw text."""
    text = text[:MAX_CHARS]
    if text.isascii() and "&" not in text.replace("& ", ""):
        found = [_ascii_word(part) for part in _ASCII_PARTS.finditer(text)]
    else:
        found = _unicode_words(text)
    found = _join_initials(text, found)
    return [part for word in found for part in (_unglue(text, word) if len(word.text) >= 5 else (word,))]


def _unglue(text: str, word: Word) -> tuple[Word, ...]:
    """Part a legal form from the word it is glued to, where letter case or a long form shows the seam."""
    if word.end - word.start != len(word.text) or word.script != "latin":
        return (word,)
    glued = _GLUED.fullmatch(word.text)
    cut = glued.start(1) if glued else 0
    if not cut:
        seam = _CASE_CHANGE.search(text[word.start : word.end])
        if seam is None or not {word.text[: seam.start()], word.text[seam.start() :]} & tables.legal_words():
            return (word,)
        cut = seam.start()
    middle = word.start + cut
    return Word(word.text[:cut], word.start, middle), Word(word.text[cut:], middle, word.end)


def _ascii_word(part: re.Match[str]) -> Word:
    raw = part.group()
    if raw == "&":
        return Word("and", part.start(), part.end())
    if not raw.isalnum():
        raw = raw.replace("'", "").replace("`", "").replace("?", "")
    return Word(raw.lower(), part.start(), part.end())


def _unicode_words(text: str) -> list[Word]:
    found: list[Word] = []
    run: list[_Letter] = []
    for letter in _letters(text):
        if letter.text and (not run or _continues(run[-1], letter)):
            run.append(letter)
            continue
        if run:
            found.extend(_finish(run))
        run = [letter] if letter.text else []
        if letter.text == "" and letter.script == "and":
            found.append(Word("and", letter.start, letter.end))
    if run:
        found.extend(_finish(run))
    return found


def _continues(last: _Letter, letter: _Letter) -> bool:
    if last.end != letter.start and letter.script != last.script:
        return False
    return (last.script == "han") == (letter.script == "han")


def _letters(text: str) -> list[_Letter]:
    """Letters and digits, and an empty letter for every break between words; joiners and marks vanish."""
    out: list[_Letter] = []
    position = 0
    length = len(text)
    while position < length:
        start = position
        char = text[position]
        entity = _ENTITY.match(text, position) if char == "&" else None
        if entity is not None and html.unescape(entity.group()) != entity.group():
            cluster, position = html.unescape(entity.group()), entity.end()
        else:
            position += 1
            while position < length and (
                unicodedata.combining(text[position]) or "\u1160" <= text[position] <= "\u11ff"
            ):
                position += 1
            cluster = text[start:position]
        if (
            cluster == "?"
            and 0 < start < length - 1
            and text[start - 1].isalnum()
            and text[position : position + 1].isalnum()
        ):
            continue
        for piece, script in _fold_cluster(cluster):
            if piece is None:
                continue
            out.append(_Letter(piece, start, position, script))
    return out


@lru_cache(maxsize=20_000)
def _fold_cluster(cluster: str) -> tuple[tuple[str | None, str], ...]:
    """The folded pieces of one letter with its marks: text and script; "" breaks the word, None vanishes."""
    if cluster in _APOSTROPHES:
        return ((None, ""),)
    category = unicodedata.category(cluster[0])
    if category in ("Cf", "Mn", "Me", "Lm", "Cc") and not cluster[0].isspace():
        return ((None, ""),)
    composed = unicodedata.normalize("NFKC", cluster) if category != "Cs" else ""
    out: list[tuple[str | None, str]] = []
    for char in composed.casefold():
        if char in _SPECIAL:
            out.append((_SPECIAL[char], "latin"))
        elif char == "&":
            out.append(("", "and"))
        elif _is_han(char):
            out.append((char, "han"))
        elif not char.isalnum():
            if unicodedata.category(char) not in ("Mn", "Lm", "Cf"):
                out.append(("", ""))
        else:
            plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
            if plain.isascii():
                out.extend((c, "latin") for c in plain.lower() if c.isalnum())
            else:
                out.append((char, "other"))
    return tuple(out) or (("", ""),)


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or "\uf900" <= char <= "\ufaff" or char == "々"


def _finish(run: list[_Letter]) -> list[Word]:
    start, end = run[0].start, run[-1].end
    if run[0].script == "han":
        return _han_words(run)
    scripts = {letter.script for letter in run if not letter.text.isdigit()}
    if scripts <= {"latin"}:
        return [Word("".join(letter.text for letter in run), start, end)]
    if "latin" in scripts:  # a look-alike letter inside a Latin word
        text = "".join(tables.confusables().get(letter.text) or romanize(letter.text) for letter in run)
        return [Word(text, start, end)] if text else []
    text = romanize("".join(letter.text for letter in run))
    return [Word(text, start, end, "other")] if text else []


@lru_cache(maxsize=50_000)
def romanize(word: str) -> str:
    """A word of any script in ASCII letters and digits; empty when nothing is left."""
    return "".join(c for c in anyascii(word).lower() if c.isascii() and c.isalnum())


def _han_words(run: list[_Letter]) -> list[Word]:
    """Chinese characters: trade names and glossary words by longest match, the rest as joined pinyin."""
    text = "".join(letter.text for letter in run)
    glossary = tables.han_words()
    longest = tables.longest_han()
    out: list[Word] = []
    rest_from = 0
    i = 0
    while i < len(text):
        ordinal = _HAN_ORDINAL.match(text, i)
        if ordinal is not None:
            out.extend(_pinyin(run, text, rest_from, i))
            out.append(Word(_han_number(ordinal.group(1)), run[i].start, run[ordinal.end() - 1].end))
            i = rest_from = ordinal.end()
            continue
        for size in range(min(longest, len(text) - i), 0, -1):
            if text[i : i + size] in glossary:
                break
        else:
            i += 1
            continue
        out.extend(_pinyin(run, text, rest_from, i))
        # The native text itself is the word here: `tokens` turns it into the words of the glossary.
        out.append(Word(text[i : i + size], run[i].start, run[i + size - 1].end, "han"))
        i += size
        rest_from = i
    out.extend(_pinyin(run, text, rest_from, len(text)))
    return out


def _han_number(digits: str) -> str:
    """The number that Chinese digits up to 99 write: "七" is 7, "十四" is 14, "三十八" is 38, "七一七" is 717."""
    tens, ten, ones = digits.partition("十")
    if ten and len(tens) <= 1 and len(ones) <= 1:
        return str(10 * (_HAN_DIGITS.find(tens) if tens else 1) + (_HAN_DIGITS.find(ones) if ones else 0))
    return "".join(str(_HAN_DIGITS.find(digit)) if digit in _HAN_DIGITS else "10" for digit in digits)


def _pinyin(run: list[_Letter], text: str, start: int, end: int) -> list[Word]:
    if start >= end:
        return []
    syllables = lazy_pinyin(text[start:end], style=Style.NORMAL, errors="default")
    joined = "".join(c for c in romanize("".join(syllables)).lower().replace("ü", "v") if c.isascii() and c.isalnum())
    return [Word(joined, run[start].start, run[end - 1].end, "han")] if joined else []


def _join_initials(text: str, found: list[Word]) -> list[Word]:
    """Join initials: "S.I.S." is one word, and so is "S I S"; a dotted run ends where the dots do."""
    if not any(len(word.text) == 1 for word in found):
        return found
    dotted = _join_runs(found, lambda left, right: text[left.end : right.start] in (".", "．"))
    spaced = _join_runs(dotted, lambda left, right: right.start - left.end <= 2)
    out: list[Word] = []
    for word in spaced:
        cut = _legal_tail(word, text)
        if cut:
            middle = _raw_position(text, word, cut)
            out += [Word(word.text[:cut], word.start, middle), Word(word.text[cut:], middle, word.end)]
        else:
            out.append(word)
    return out


def _join_runs(found: list[Word], joins: Callable[[Word, Word], bool]) -> list[Word]:
    out: list[Word] = []
    previous_single = False
    for word in found:
        single = len(word.text) == 1 and word.text.isalpha() and word.script == "latin"
        if single and previous_single and joins(out[-1], word):
            out[-1] = Word(out[-1].text + word.text, out[-1].start, word.end)
        else:
            out.append(word)
        previous_single = single
    return out


def _legal_tail(word: Word, text: str) -> int:
    """Where a spaced run of initials turns into a legal form ("S I S D O O" after "sis"); 0 when it does not."""
    raw = text[word.start : word.end]
    if len(word.text) < 4 or " " not in raw:
        return 0
    for size in (4, 3, 2):
        if len(word.text) - size >= 2 and word.text[-size:] in tables.legal_words():
            return len(word.text) - size
    return 0


def _raw_position(text: str, word: Word, letters: int) -> int:
    seen = 0
    for position in range(word.start, word.end):
        if text[position].isalnum():
            if seen == letters:
                return position
            seen += 1
    return word.end
