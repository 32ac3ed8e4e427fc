"""The grammar of license requirements and license review policies: a text in, its clauses out, each with its words.

A text is cut into tokens, then read clause by clause: a requirement, a review policy, a reference to a section,
a license exception that the entry opens, or a wider reach. A stretch that fits no rule is given back as it stands,
to be read by a person: nothing is guessed. docs/policy.md shows the rules and what they do not read. Pure.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from .policy_scopes import scopes_of
from .policy_tokens import Clause, Reading, ReviewPolicy, Scope, Token, Tokens

LONGEST_TEXT = 20_000  # characters; the longest real cell has 1,200. What is longer is left to a person.


def read(text: str) -> Reading:
    """Read a license requirement or a license review policy into clauses. Any text is accepted.

    Runs of white space count as one space, so that a stretch is found in the text with its spaces made one.
    """
    text = " ".join(text.split())
    return Reading((), (text,)) if len(text) > LONGEST_TEXT else _read(text)


@lru_cache(maxsize=512)  # a list of thousands of entries has about a hundred texts
def _read(text: str) -> Reading:
    return _Reader(text).document()


# --- words of the grammar --------------------------------------------------------------------------------------------

# A phrase is matched token by token: "a|b" is either, "?" may be missing, "<kind>" any token of that kind.
_EXCEPT = ("apart from", "except|excepting|excluding for?", "other than", "with the exception of")
_REVIEWED = (
    "license|licence? applications|application will|are|is? be? reviewed|considered|evaluated|subject on|under|with|to "
    "a|an|the?",
    "reviewed|considered|evaluated on|under|with a|an|the?",
    "there is a|an",
    "subject to a|an|the?",
    "with|under|on a|an|the?",
    "a|an|the",
)
_WHICH = ",? which|that will|are|is be? reviewed|considered|evaluated|subject on|under|with|to a|an|the?"
_OVERCOME = "this|the license requirement|requirements may be overcome by license exception|exceptions"
_REACHES = "the|this license requirement|requirements under|of this entry also? extend|extends|apply|applies to"
_SEE = "(? see|se also? part?"
_FOOTNOTES = ("1", "2", "3", "4", "5")
_BEHIND_FOOTNOTE = (",", "and", ")", "see", "§")
_OF_THE_EAR = ("of the? ear", "of this part")

_JOINTS = frozenset(
    (
        *(",", "and", "or", "but", "with", "a", "an", "the", "under", "on", "there", "is", "are", "subject", "to"),
        *("will", "be", "reviewed", "considered", "evaluated"),
    )
)


class _Reader(Tokens):
    """A recursive-descent reader over the tokens of one text. Positions are token indexes; None: the rule fails."""

    def opens_reference(self, i: int) -> bool:
        """Whether "See ..." begins here; "(see ...)" in small letters is part of what goes before it."""
        token, following = self.at(i), self.at(i + 1)
        if token.low == "(":
            return following.text in ("See", "Se")
        return token.text == "See" or (token.low == "," and following.low == "see")

    # --- the document

    def document(self) -> Reading:
        clauses: list[Clause] = []
        left_over: list[str] = []
        i = 0
        while True:
            i = self.skip(i, frozenset((";", ".", ",", ")", "and", "but")))
            if self.at(i).kind == "end":
                return Reading(tuple(clauses), tuple(left_over))
            found = self.clause(i)
            if found is not None and self.closes(found[0]):
                i, more = found
                clauses += more
                continue
            end = i + 1
            while not self.is_end(end):
                end += 1
            left_over.append(self.stretch(i, end))
            i = end

    def closes(self, i: int) -> bool:
        """Whether a clause can end before token i: nothing that belongs to it may follow."""
        if self.is_end(i) or self.at(i).low == ")" or self.opens_reference(i):
            return True
        after = self.skip(i, _JOINTS)
        joined = after > i or self.at(i - 1).low == ")"
        starts = self.at(after).kind == "policy" or self.at(after).low in ("for", "see")
        return (joined and starts) or self.phrase(i, _OVERCOME, _REACHES) is not None

    def clause(self, i: int) -> tuple[int, list[Clause]] | None:
        return (
            self.exception(i)
            or self.reach(i)
            or self.reference(i)
            or self.review(i)
            or self.review_behind(i)
            or self.requirement(i)
        )

    # --- references, exceptions, reach

    def reference(self, i: int) -> tuple[int, list[Clause]] | None:
        """ "(See §§ 734.9(g),3 746.8(a)(3), and 744.21(b) of the EAR)", with the footnote signs in it."""
        end = self.phrase(i, _SEE)
        if end is None:
            return None
        sections: list[str] = []
        footnotes: list[str] = []
        while True:
            end = self.skip(end, frozenset(("§", "part")))
            token = self.at(end)
            if token.kind == "section":
                sections.append(_section(token.text))
                end += 1
            elif sections and self._is_footnote(end):
                footnotes.append(token.text)
                end += 1
            elif (tail := self._reference_tail(end)) is not None:
                end = tail
            elif (joint := self._section_joint(end)) is not None:
                end = joint
            else:
                break
        if not sections:
            return None
        clause = Clause("reference", self.stretch(i, end), sections=tuple(sections), footnotes=tuple(footnotes))
        return end, [clause]

    def _is_footnote(self, i: int) -> bool:
        """A sign stands alone: "734.9(g),3 746.8", "of the EAR) 4"."""
        following = self.at(i + 1)
        if self.at(i).text not in _FOOTNOTES:
            return False
        return self.is_end(i + 1) or following.kind == "section" or following.low in (*_BEHIND_FOOTNOTE, *_FOOTNOTES)

    def _reference_tail(self, i: int) -> int | None:
        """ "of the EAR", also where a stop or a bracket stands before it by mistake; and the closing bracket."""
        start = i + 1 if self.at(i).low in (".", ")") else i
        end = self.phrase(start, *_OF_THE_EAR)
        if end is None:
            return i + 1 if self.at(i).low == ")" else None
        return end

    def _section_joint(self, i: int) -> int | None:
        after = self.skip(i, frozenset((",", "and", "or", "§")))
        more = self.at(after).kind == "section" or self._is_footnote(after)
        return after if after > i and more else None

    def exception(self, i: int) -> tuple[int, list[Clause]] | None:
        """ "This license requirement may be overcome by License Exception GOV under § 740.11(b)(2) and (e)"."""
        start = self.phrase(i, _OVERCOME)
        if start is None:
            return None
        codes: list[str] = []
        end = start
        while len(self.at(end).text) == 3 and self.at(end).text.isupper():
            codes.append(self.at(end).text)
            end = self.skip(end + 1, frozenset((",", "and", "or")))
        first = self.phrase(end, "under|in §? <section>")
        if not codes or first is None:
            return None
        end = first
        sections = [_section(self.at(first - 1).text)]
        while (more := self.phrase(end, ",? and? §? <section>", "and ( <word> )")) is not None:
            named = _section(self.at(more - 1).text)
            # "§ 740.11(b)(2) and (e)": the paragraph alone is one of the section before it.
            sections.append(named if named != ")" else f"{sections[0].partition('(')[0]}({self.at(more - 2).low})")
            end = more
        condition = ""
        if self.at(end).low in ("when", "if", "where"):
            stop = self.region_end(end)
            condition, end = self.stretch(end, stop), stop
        scopes = (Scope("described", condition, condition=condition),) if condition else ()
        return end, [
            Clause("exception", self.stretch(i, end), scopes=scopes, scope=condition,
                   sections=tuple(sections), codes=tuple(codes))
        ]  # fmt: skip

    def reach(self, i: int) -> tuple[int, list[Clause]] | None:
        """ "The license requirements under this entry also extend to ..." up to the end of the sentence."""
        if (end := self.phrase(i, _REACHES)) is None:
            return None
        while not self.is_end(end):
            end += 1
        return end, [Clause("reach", self.stretch(i, end))]

    # --- requirements and review policies

    def requirement(self, i: int) -> tuple[int, list[Clause]] | None:
        start = self.phrase(i, "for?")
        listed = self.scopes(start, strict=True) if start is not None else None
        if listed is None or start is None:
            return None
        end, scopes = listed
        clause = Clause("requirement", self.stretch(i, end), scope=self.stretch(start, end), scopes=scopes)
        if (excepted := self.exceptions(end)) is not None:
            end, exceptions = excepted
            return end, [replace(clause, sentence=self.stretch(i, end), exceptions=exceptions)]
        reference = self.reference(self.skip(end, frozenset((",", "."))))
        if reference is not None and (excepted := self.exceptions(reference[0])) is not None:
            end, exceptions = excepted
            return end, [replace(clause, sentence=self.stretch(i, end), exceptions=exceptions), *reference[1]]
        after = self.skip(end, _JOINTS)
        if self.at(after).kind == "policy" and "with" not in [self.at(j).low for j in range(end, after)]:
            return None  # "For X, presumption of denial for Y": what X is to Y is not plain
        return end, [clause]

    def policy_at(self, i: int) -> tuple[int, ReviewPolicy] | None:
        """ "A presumption of denial license review policy", with the words that lead to it."""
        start = self.phrase(i, *_REVIEWED)
        for head in (start, i):
            if head is None:
                continue
            policy = _policy_of(self.at(head))
            if policy is not None:
                return self.skip(head + 1, frozenset(("license", "review", "basis", "policy"))), policy
        return None

    def review(self, i: int) -> tuple[int, list[Clause]] | None:
        """ "Case-by-case review for X", "Policy of denial for X apart from Y, which will be reviewed ..."."""
        head = self.policy_at(i)
        if head is None:
            return None
        end, policy = head
        clause = Clause("review", self.stretch(i, end), policy)
        if (start := self.phrase(end, "for|of")) is not None:
            listed = self.scopes(self.skip(start, frozenset((":",))))
            if listed is None:
                return None
            end = listed[0]
            clause = replace(
                clause, sentence=self.stretch(i, end), scope=self.stretch(start, end), scopes=listed[1]
            )  # fmt: skip
        return self._with_exceptions(i, end, clause)

    def _with_exceptions(self, i: int, end: int, clause: Clause) -> tuple[int, list[Clause]] | None:
        start = self.phrase(self.skip(end, frozenset((",",))), *_EXCEPT)
        if start is None:
            return end, [clause]
        if self.policy_at(start) is not None:  # "except case-by-case for X"
            other = self.review(start)
            if other is None or not other[1][0].scopes:
                return None
            exceptions = other[1][0].scopes
            return other[0], [replace(clause, sentence=self.stretch(i, end), exceptions=exceptions), *other[1]]
        excepted = self.exceptions(end)
        if excepted is None:
            return None
        stop, scopes = excepted
        clause = replace(clause, sentence=self.stretch(i, stop), exceptions=scopes)
        which = self.phrase(stop, _WHICH)
        if which is None:
            return stop, [clause]
        head = self.policy_at(which)
        if head is None:
            return None
        other_clause = Clause(
            "review", self.stretch(start, head[0]), head[1], scope=self.stretch(start, stop), scopes=scopes
        )  # fmt: skip
        return head[0], [clause, other_clause]

    def review_behind(self, i: int) -> tuple[int, list[Clause]] | None:
        """ "For EAR99 items, case-by-case review": the policy stands behind what it is for."""
        start = self.phrase(i, "for")
        listed = self.scopes(start) if start is not None else None
        if listed is None or start is None:
            return None
        head = self.policy_at(self.skip(listed[0], frozenset((",", ":"))))
        if head is None or self.phrase(head[0], "for|of") is not None or self.at(listed[0] + 1).low == "with":
            return None  # "For X, with a presumption of denial" is a requirement and a policy
        return head[0], [
            Clause("review", self.stretch(i, head[0]), head[1], scope=self.stretch(start, listed[0]), scopes=listed[1])
        ]

    def exceptions(self, i: int) -> tuple[int, tuple[Scope, ...]] | None:
        """ "except for X" with X as scopes; a list behind a colon is one description."""
        start = self.phrase(self.skip(i, frozenset((",",))), *_EXCEPT)
        if start is None:
            return None
        if self.at(start).low == ":":
            end = self.region_end(start + 1, in_list=True)
            text = self.stretch(start + 1, end)
            return (end, (Scope("described", text, condition=text),)) if text else None
        return self.scopes(start)

    # --- groups of items

    def region_end(self, i: int, *, in_list: bool = False) -> int:
        """Where the words on a group of items end. `in_list`: a semicolon before "or" or "and" goes on."""
        end = i
        while not (self.opens_reference(end) or self._leaves_region(end)):
            if self.is_end(end) and not (in_list and self.at(end).low == ";" and self.at(end + 1).low in ("or", "and")):
                break
            if self.at(end).kind == "policy":
                while end > i and self.at(end - 1).low in _JOINTS:
                    end -= 1
                break
            end += 1
        return end

    def _leaves_region(self, i: int) -> bool:
        start = i + 1 if self.at(i).low == "," else i
        return self.phrase(start, *_EXCEPT) is not None or self.phrase(i, _WHICH, _OVERCOME, _REACHES) is not None

    def scopes(self, i: int, *, strict: bool = False) -> tuple[int, tuple[Scope, ...]] | None:
        """One group or several: "ECCNs 2A983 and 2D983, and for EAR99 items described in ..."."""
        return scopes_of(self, i, self.region_end(i), strict=strict)


_BARE_POLICIES: dict[str, ReviewPolicy] = {"denial": "denial", "approval": "approval"}


def _policy_of(token: Token) -> ReviewPolicy | None:
    if token.kind != "policy":
        return _BARE_POLICIES.get(token.low)
    words = re.split(r"[\s-]+", token.low)
    if words[0].startswith("cas"):
        return "case-by-case"
    if words[0] == "presumption":
        return "presumption of denial" if words[-1] == "denial" else "presumption of approval"
    return "policy of denial" if words[-1] == "denial" else "approval"


def _section(text: str) -> str:
    """A section as the regulation prints it: "744.2 (d)" is 744.2(d), "744.2l(b)" is 744.21(b)."""
    return re.sub(r"(?<=[0-9])l(?=\()", "1", "".join(text.split()))
