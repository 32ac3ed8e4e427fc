"""The words that the grammar of license requirements and review policies works on: its values and its tokens. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ReviewPolicy = Literal[
    "denial", "policy of denial", "presumption of denial", "case-by-case", "presumption of approval", "approval"
]
ClauseKind = Literal["requirement", "review", "reference", "exception", "reach"]
Covers = Literal["all", "rest", "ccl", "ear99", "eccn", "not_eccn", "described"]


@dataclass(frozen=True, slots=True)
class Scope:
    """A group of items, as a clause names it.

    `covers` "rest": all that no other clause of the text names; "not_eccn": all but `eccns`; "described": items known
    only by the words of `text`. `condition`: what must also be true of the item or its use, as printed; empty where
    the classification alone settles it. `by_note`: the condition is a note to an ECCN that describes the item.
    """

    covers: Covers
    text: str
    eccns: tuple[str, ...] = ()
    condition: str = ""
    by_note: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. `sentence` is the stretch of the text that it was read from, as printed.

    requirement: a license is needed for `scopes` less `exceptions`. review: BIS judges applications for them by
    `policy`; without `scopes` it is for every item the entry covers. reference: `sections` are to be read, with the
    signs of `footnotes` printed there. exception: License Exceptions `codes` are open. reach: the rule reaches further.
    `scope` is the stretch that names the items, or "".
    """

    kind: ClauseKind
    sentence: str
    policy: ReviewPolicy | None = None
    scope: str = ""
    scopes: tuple[Scope, ...] = ()
    exceptions: tuple[Scope, ...] = ()
    sections: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def eccns(self) -> tuple[str, ...]:
        """The ECCNs that its scopes name, in order; a range is written out."""
        return tuple(code for scope in self.scopes for code in scope.eccns)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must also be true of the item or its use, as printed."""
        return tuple(scope.condition for scope in self.scopes if scope.condition)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read: its clauses in order, and the stretches that no rule reads, as printed."""

    clauses: tuple[Clause, ...]
    left_over: tuple[str, ...] = ()

    def of_kind(self, kind: ClauseKind) -> tuple[Clause, ...]:
        """The clauses of one kind, in order."""
        return tuple(clause for clause in self.clauses if clause.kind == kind)

    @property
    def footnotes(self) -> tuple[str, ...]:
        """The signs of footnotes printed in the text, each once, in order."""
        return tuple(dict.fromkeys(sign for clause in self.clauses for sign in clause.footnotes))


# --- tokens ----------------------------------------------------------------------------------------------------------

# Misprints of the real lists that leave no doubt are read through: "casa-by-case", "EAR 99", "744.2l(b)" (l for 1).
_TOKEN = re.compile(
    r"""
      (?P<policy>\b(?:presumption|policy)\s+of\s+(?:denial|approval)\b|\bcas[ea][\s-]+by[\s-]+case\b)
    | (?P<eccn>\b[0-9][A-E][0-9]{3}\b(?:\.[a-z0-9]+)*)
    | (?P<section>\b7[0-9]{2}\.[0-9]+l?(?:\s?\([a-z0-9]{1,4}\))*)
    | (?P<short>\bU\.S\.?|\bE\.O\.|\b(?:i\.e|e\.g)\.|\bnos?\.(?=\s*[0-9]))
    | (?P<paragraph>(?<![^\s(])\.[a-z](?:\.[a-z0-9]+)*\b|\b[a-z](?:\.[a-z0-9]+)+\b)
    | (?P<ear99>\bEAR\s?99\b)
    | (?P<ccl>\bCCL\b|\bCommerce\s+Control\s+List\b)
    | (?P<word>[^\W_]+(?:[-'’][^\W_]+|(?<=[0-9])\.[0-9]+)*)
    | (?P<mark>\S)
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, sign or fixed phrase of a text; `low` is its text in small letters."""

    kind: str
    text: str
    low: str
    start: int
    end: int


NOTHING = Token("end", "", "", 0, 0)


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, in order; only white space lies between them."""
    return [
        Token(found.lastgroup or "", found[0], found[0].lower(), found.start(), found.end())
        for found in _TOKEN.finditer(text)
    ]


class Tokens:
    """The tokens of one text. Positions are token indexes; None says that what was asked for does not stand there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)

    def at(self, i: int) -> Token:
        """The token at i, or one of the kind "end" outside the text."""
        return self.tokens[i] if 0 <= i < len(self.tokens) else NOTHING

    def stretch(self, i: int, end: int) -> str:
        """The text from token i up to, not including, token end."""
        return self.text[self.tokens[i].start : self.tokens[end - 1].end] if end > i else ""

    def phrase(self, i: int, *patterns: str) -> int | None:
        """The position behind the first of the phrases that stands at i.

        A phrase is matched token by token: "a|b" is either, "?" may be missing, "<kind>" is any token of that kind.
        """
        for pattern in patterns:
            end = self._one_phrase(i, pattern)
            if end is not None:
                return end
        return None

    def _one_phrase(self, i: int, pattern: str) -> int | None:
        for element in pattern.split():
            choices = element.removesuffix("?").split("|")
            if self.at(i).low in choices or f"<{self.at(i).kind}>" in choices:
                i += 1
            elif not element.endswith("?"):
                return None
        return i

    def skip(self, i: int, words: frozenset[str]) -> int:
        """The first position from i on where none of the words stands."""
        while self.at(i).low in words:
            i += 1
        return i

    def is_end(self, i: int) -> bool:
        """Whether a sentence or a part between semicolons ends before token i."""
        token = self.at(i)
        if token.kind == "end":
            return True
        if token.low == ";":
            following = self.phrase(i + 1, "and|or?") or i + 1
            return not (self.in_list(i - 1) and self.in_list(following))
        return token.low == "."

    def in_list(self, i: int) -> bool:
        """Whether an ECCN, or a paragraph of one (".c", "f.1"), stands here."""
        return self.at(i).kind in ("eccn", "paragraph")
