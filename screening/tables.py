"""The word tables that ship with the engine, read once from `screening/tables/*.csv`.

Every table was written for this engine and carries its source in the last column. The supplementary trade names
are a table of their own (`trade_names.csv`), apart from the words: they are our knowledge, not the text of a list.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("tables")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a spelling stands for: the words to compare (perhaps none) and their class.

    Classes: legal, filler, trade, institution, country, place, common, given, distinct; `origin` is "table" or
    "trade_name" for the supplementary names.
    """

    words: tuple[str, ...]
    word_class: str
    origin: str = "table"


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, restkey="_rest"))


@cache
def confusables() -> dict[str, str]:
    """Letters of other scripts that look like a Latin one."""
    return {row["letter"]: row["latin"] for row in _rows("confusables")}


@cache
def legal_phrases() -> frozenset[str]:
    """Every legal form as folded words, spelled out or short."""
    return frozenset(form.strip() for row in _rows("legal_forms") for form in row["forms"].split("|") if form.strip())


@cache
def legal_words() -> frozenset[str]:
    """The legal forms that are one word."""
    return frozenset(form for form in legal_phrases() if " " not in form)


@cache
def word_classes() -> dict[str, str]:
    """Class of every word that is not distinctive; the first class that names a word holds."""
    out: dict[str, str] = {}
    for row in _rows("words"):
        for word in row["words"].split():
            out.setdefault(word, row["class"])
    for row in _rows("variants"):
        out.setdefault(row["word"], row["class"])
    return out


@cache
def variants() -> dict[str, str]:
    """Other spellings and abbreviations of a word, to the word that stands for them."""
    out: dict[str, str] = {}
    for row in _rows("variants"):
        for spelling in row["spellings"].replace("'", "").split():
            out.setdefault(spelling, row["word"])
    return out


@cache
def han_words() -> dict[str, Meaning]:
    """Chinese words: the glossary and the supplementary trade names."""
    out = {row["native"]: Meaning(tuple(row["words"].split()), row["class"]) for row in _rows("glossary")}
    for row in _rows("trade_names"):
        if not row["spelling"].isascii():
            out[row["spelling"]] = Meaning(tuple(row["canonical"].split()), "distinct", "trade_name")
    return out


@cache
def longest_han() -> int:
    """Length of the longest Chinese word known."""
    return max(map(len, han_words()))


@cache
def native_words() -> dict[str, Meaning]:
    """Company words in scripts other than Latin and Han, as written natively."""
    return {row["native"]: Meaning(tuple(row["words"].split()), row["class"]) for row in _rows("native_words")}


@cache
def latin_phrases() -> dict[str, Meaning]:
    """Phrases of one to six folded words that stand for other words: legal forms, places, trade names."""
    out: dict[str, Meaning] = {form: Meaning((), "legal") for form in legal_phrases()}
    for row in _rows("phrases"):
        out[row["phrase"]] = Meaning(tuple(row["canonical"].split()), row["class"])
    for row in _rows("trade_names"):
        if row["spelling"].isascii():
            out[row["spelling"]] = Meaning(tuple(row["canonical"].split()), "distinct", "trade_name")
    return out
