"""The grammar of groups of items: "ECCNs 2A983 and 2D983, and for EAR99 items described in the Note to ...". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .policy_tokens import Covers, Scope, Tokens

# What may follow a group named by its classification, and narrow it.
_CONDITION_WORDS = (
    "necessary required needed used destined designed intended identified listed described related uniquely specially "
    "capable for not that which containing specified controlled classified designated when where if unless in released "
    "exported on under provided to and by technology software commodities"
)
_CONDITIONS = frozenset(_CONDITION_WORDS.split())
# A bare "items ..." is a group of items only before one of these; "items may ..." is a statement about them.
_OPENERS = _CONDITIONS - frozenset(("and", "by", "to"))
_STATEMENTS = frozenset(("may", "must", "shall", "cannot", "will", "applies"))
_GOODS = frozenset(("items", "commodities", "software", "technology"))
_NAMED_BY = "items|item not? classified|described|specified|listed|controlled|identified|designated in|under|by|as"
_BY_NOTE = re.compile(r"described in (?:the |a )?note\b", re.IGNORECASE)


def scopes_of(tokens: Tokens, start: int, end: int, *, strict: bool) -> tuple[int, tuple[Scope, ...]] | None:
    """The groups of items named from token `start` up to `end`, and where they stop: there, or at "(see ...)".

    None if any word of the stretch fits no rule. `strict`: a group known only by its description must begin with
    "items" and a word such as "for", since no policy stands before it that would show it to be one.
    """
    return _Scopes(tokens, end, strict).all_from(start)


@dataclass(frozen=True, slots=True)
class _Named:
    """A group named by its classification, up to token `end`."""

    end: int
    covers: Covers
    eccns: tuple[str, ...] = ()


class _Scopes:
    def __init__(self, tokens: Tokens, end: int, strict: bool) -> None:
        self.tokens = tokens
        self.end = end
        self.strict = strict

    def all_from(self, i: int) -> tuple[int, tuple[Scope, ...]] | None:
        scopes: list[Scope] = []
        while i < self.end:
            found = self.one(i)
            if found is None:
                return None
            i, scope = found
            scopes.append(scope)
            if i >= self.end or self.at_see(i):
                return i, tuple(scopes)
            after = self.separator(i)
            if after is None:
                return None
            i = after
        return None

    def at_see(self, i: int) -> bool:
        return self.tokens.phrase(i, "( see") is not None

    def separator(self, i: int) -> int | None:
        """Behind ", and for", ";" or "or": what may stand between two groups."""
        after = self.tokens.phrase(i, ",|; and|or? for?", "and|or for?")
        return after if after is not None and after < self.end else None

    def starts_another(self, i: int) -> bool:
        """Whether a separator stands here and another group behind it, not just more words on this one."""
        after = self.separator(i)
        if after is None:
            return False
        if self.tokens.at(after - 1).low == "for":
            return True
        before = i - 1
        while self.tokens.at(before).low in (",", ";", "and", "or"):
            before -= 1
        if self.tokens.in_list(before) and self.tokens.in_list(self.tokens.phrase(after, "eccn|eccns?") or after):
            return False  # "technology for ECCN 3A001 and 3A002"
        return self.named(after) is not None

    def description_end(self, i: int) -> int:
        while i < self.end and not self.starts_another(i):
            i += 1
        return i

    def one(self, i: int) -> tuple[int, Scope] | None:
        named = self.named(i)
        if named is None:
            return self.described(i)
        here = named.end
        if here >= self.end or self.starts_another(here) or self.at_see(here):
            return here, Scope(named.covers, self.tokens.stretch(i, here), named.eccns)
        if self.tokens.at(here).low not in _CONDITIONS:
            return None
        end = self.description_end(here)
        if self.states(here, end):
            return None
        text, condition = self.tokens.stretch(i, end), self.tokens.stretch(here, end)
        if self.tokens.at(here).low == "and":
            # "on the CCL and listed in supplement no. 7": both, or either? The words are left to a person.
            return end, Scope("described", text, condition=text)
        return end, Scope(named.covers, text, named.eccns, condition, by_note=bool(_BY_NOTE.match(condition)))

    def states(self, i: int, end: int) -> bool:
        return any(self.tokens.at(j).low in _STATEMENTS for j in range(i, end))

    def described(self, i: int) -> tuple[int, Scope] | None:
        end = self.description_end(i)
        words = range(i, end)
        if self.states(i, end) or not any(self.tokens.at(j).kind == "word" for j in words):
            return None
        if self.tokens.phrase(i, "eccn|eccns|<eccn>") is not None:
            return None  # a list of ECCNs that could not be read is no description
        if self.strict and not (self.tokens.at(i).low in _GOODS and self.tokens.at(i + 1).low in _OPENERS):
            return None
        text = self.tokens.stretch(i, end)
        if self.tokens.phrase(end - 3, "designated|classified as <ear99>") == end and "," not in text:
            return end, Scope("ear99", text, condition=self.tokens.stretch(i, end - 3))
        return end, Scope("described", text, condition=text)

    # --- groups named by their classification

    def named(self, i: int) -> _Named | None:
        if i >= self.end:
            return None
        return self.rest(i) or self.eccns(i) or self.ear99(i) or self.ccl(i) or self.everything(i)

    def rest(self, i: int) -> _Named | None:
        end = self.tokens.phrase(
            i, "all|any? the? other items subject to the? ear", "all|any? the? other items", "all|any others",
            "everything|anything|all else",
        )  # fmt: skip
        return _Named(end, "rest") if end is not None else None

    def ccl(self, i: int) -> _Named | None:
        end = self.tokens.phrase(i, "all|any? items listed|described|identified|included? on|in the? <ccl>")
        return _Named(end, "ccl") if end is not None else None

    def ear99(self, i: int) -> _Named | None:
        end = self.tokens.phrase(
            i, "all|any? items designated|classified as <ear99>", "all|any? <ear99> - designated items?",
            "all|any? <ear99> items?",
        )  # fmt: skip
        return _Named(end, "ear99") if end is not None else None

    def everything(self, i: int) -> _Named | None:
        """ "All items [subject to the EAR]"; what "to include" names is part of them."""
        end = self.tokens.phrase(i, "all|any? items subject|subjects to the? ear", "all|any items")
        if end is None:
            return None
        including = self.tokens.phrase(end, "to include", ",? including")
        return _Named(self.description_end(including) if including is not None else end, "all")

    def eccns(self, i: int) -> _Named | None:
        start = self.tokens.phrase(i, "all|any?")
        start = i if start is None else start
        by = self.tokens.phrase(start, _NAMED_BY)
        inverted = by is not None and self.tokens.at(start + 1).low == "not"
        if by is not None:
            start = by
        listed = self.eccn_list(self.tokens.phrase(start, "the? eccn|eccns") or start)
        if listed is None:
            return None
        end, codes = listed
        end = self.tokens.phrase(end, "items") or end
        return _Named(end, "not_eccn" if inverted else "eccn", codes)

    def eccn_list(self, i: int) -> tuple[int, tuple[str, ...]] | None:
        """ "3B001.a.4, .c, .k to .p; 3B002.c, or 3B993": a paragraph alone belongs to the ECCN before it."""
        if self.tokens.at(i).kind != "eccn":
            return None
        codes: list[str] = []
        base = ""
        while True:
            token = self.tokens.at(i)
            if token.kind == "eccn":
                base = token.text[:5].upper()
                codes.append(base + token.low[5:])
            else:
                codes.append(f"{base}.{token.low.removeprefix('.')}")
            i += 1
            if self.tokens.at(i).low in ("to", "through") and self.tokens.in_list(i + 1):
                more = _range(codes[-1], base, self.tokens.at(i + 1).low)
                if more is None:
                    return None
                codes += more
                i += 2
            after = self.tokens.phrase(i, ",|;? and|or? eccn|eccns?")
            if after is None or after == i or after >= self.end or not self.tokens.in_list(after):
                return i, tuple(codes)
            i = after


def _range(first: str, base: str, last: str) -> list[str] | None:
    """The paragraphs behind `first` up to `last`, such as .l to .p behind 3B001.k; None if they are no plain row."""
    stem, _, begin = first.rpartition(".")
    last_stem, _, stop = f"{base}.{last.removeprefix('.')}".rpartition(".")
    if stem != last_stem:
        return None
    if begin.isdigit() and stop.isdigit() and int(begin) < int(stop) <= int(begin) + 50:
        return [f"{stem}.{number}" for number in range(int(begin) + 1, int(stop) + 1)]
    if len(begin) == len(stop) == 1 and "a" <= begin < stop <= "z":
        return [f"{stem}.{chr(letter)}" for letter in range(ord(begin) + 1, ord(stop) + 1)]
    return None
