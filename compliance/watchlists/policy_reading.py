"""Which clauses of a text govern an item, and which only may. Pure.

The rule throughout: the stricter answer stands; a milder clause that depends on more than the classification is shown
beside it; where a clause that may apply would be stricter, or two that apply disagree, nobody chooses but a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from .eccn import EAR99, within
from .policy_tokens import Clause, Reading, ReviewPolicy, Scope

# "ask": it depends on a note that somebody has to look up. "in part": the item's paragraph is needed. "unsure": it
# depends on the use or on a description.
Coverage = Literal["yes", "in part", "ask", "unsure", "no"]
_FIRST: tuple[Coverage, ...] = ("yes", "in part", "ask", "unsure")

STRICTNESS: dict[ReviewPolicy, int] = {
    "approval": 0,
    "presumption of approval": 1,
    "case-by-case": 2,
    "presumption of denial": 3,
    "policy of denial": 4,
    "denial": 5,
}

_NEEDS_PARAGRAPH = "A clause names a paragraph of this ECCN: give the item's paragraph."


@dataclass(frozen=True, slots=True)
class Judged:
    """What a review policy says of an item. `policy` is None when a person has to read it."""

    policy: ReviewPolicy | None = None
    governing: tuple[Clause, ...] = ()
    conditional: tuple[Clause, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Needed:
    """What a license requirement says of an item."""

    answer: Literal["license required", "not for this item", "read it yourself"]
    governing: tuple[Clause, ...] = ()
    conditional: tuple[Clause, ...] = ()
    notes: tuple[str, ...] = ()


def coverage(scope: Scope, item: str, described_in_note: bool | None) -> Coverage:
    """Whether a group of items takes in an item; `item` "" is one whose classification is not known."""
    if scope.covers == "described":
        return "unsure"
    named = _by_classification(scope, item)
    if named == "no" or not scope.condition:
        return named
    if not scope.by_note:
        return "unsure"
    if described_in_note is None:
        return "ask"
    return named if described_in_note else "no"


def _by_classification(scope: Scope, item: str) -> Coverage:
    if scope.covers in ("all", "rest"):
        return "yes"
    if not item:
        return "in part"
    if scope.covers == "ear99":
        return "yes" if item == EAR99 else "no"
    if scope.covers == "ccl":
        return "no" if item == EAR99 else "yes"
    named = _in_list(scope.eccns, item)
    if scope.covers == "not_eccn":
        return {"yes": "no", "no": "yes"}.get(named, named)  # type: ignore[return-value]
    return named


def _in_list(codes: Sequence[str], item: str) -> Coverage:
    if any(within(item, code) for code in codes):
        return "yes"
    # The clause names 1A004.c and the item is known only as 1A004.
    return "in part" if any(within(code, item) for code in codes) else "no"


def _first(answers: Iterable[Coverage]) -> Coverage:
    found = set(answers)
    return next((answer for answer in _FIRST if answer in found), "no")


# --- license requirements --------------------------------------------------------------------------------------------


def judge_requirement(reading: Reading, item: str, described_in_note: bool | None = None) -> Needed:
    """Whether the text asks for a license for the item. What a text leaves open is never "not for this item"."""
    sure: list[Clause] = []
    maybe: list[Clause] = []
    notes: list[str] = []
    for clause in reading.of_kind("requirement"):
        answer = _first(_required(scope, item, described_in_note) for scope in clause.scopes)
        excepted = _first(coverage(scope, item, described_in_note) for scope in clause.exceptions)
        if answer == "no" or excepted == "yes":
            continue
        if answer == "yes" and excepted != "in part":
            sure.append(clause)
        if answer != "yes" or excepted != "no":
            maybe.append(clause)
        if "in part" in (answer, excepted):
            notes.append(_NEEDS_PARAGRAPH)
    if sure:
        return Needed("license required", tuple(sure), tuple(maybe), tuple(dict.fromkeys(notes)))
    clauses = reading.of_kind("requirement")
    if maybe or reading.left_over or not clauses:
        notes += [] if clauses else ["The entry states no license requirement that could be read."]
        return Needed("read it yourself", (), tuple(maybe), tuple(dict.fromkeys(notes)))
    return Needed("not for this item", clauses)


def _required(scope: Scope, item: str, described_in_note: bool | None) -> Coverage:
    return "unsure" if scope.covers == "rest" else coverage(scope, item, described_in_note)


# --- review policies -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """A clause and how it takes in the item: by name, as one of all items, or as one of the rest."""

    clause: Clause
    by: Literal["name", "all", "rest"]
    answer: Coverage
    excepted: Coverage = "no"


def judge_review(readings: Sequence[Reading], item: str, described_in_note: bool | None = None) -> Judged:
    """By which policy an application for the item is judged, as far as the texts say it."""
    taken = [
        _taken(clause, item, described_in_note) for reading in readings for clause in reading.of_kind("review")
    ]  # fmt: skip
    references = readings[-1].of_kind("reference")
    maybe = tuple(row.clause for row in taken if row.answer in ("in part", "ask", "unsure") or _is_open(row, taken))
    applying = _applying(taken)
    policies: set[ReviewPolicy] = {clause.policy for clause in applying if clause.policy}
    why = _why_to_read(taken, applying, policies, readings, references)
    open_points = (*maybe, *references)
    if why:
        return Judged(None, applying, open_points, (why,))
    return Judged(policies.pop(), applying, open_points)


def _taken(clause: Clause, item: str, described_in_note: bool | None) -> _Taken:
    named = _first(
        coverage(scope, item, described_in_note) for scope in clause.scopes if scope.covers not in ("all", "rest")
    )
    if named == "yes":
        return _Taken(clause, "name", named)
    general = [scope for scope in clause.scopes if scope.covers in ("all", "rest")]
    if clause.scopes and not general:
        return _Taken(clause, "name", named)
    by: Literal["all", "rest"] = "rest" if any(scope.covers == "rest" for scope in general) else "all"
    if general and all(scope.condition for scope in general):
        return _Taken(clause, "name", "unsure")
    excepted = _first(coverage(scope, item, described_in_note) for scope in clause.exceptions)
    # "Unless it is food or medicine" leaves the clause standing: it is the stricter, and the other is shown.
    answer: Coverage = {"yes": "no", "unsure": "yes", "no": "yes"}.get(excepted, excepted)  # type: ignore[assignment]
    return _Taken(clause, by, answer, excepted)


def _is_open(row: _Taken, taken: Sequence[_Taken]) -> bool:
    """Whether an exception may take the item out, and no clause of its own says what follows then."""
    return row.excepted == "unsure" and all(other.clause.scopes != row.clause.exceptions for other in taken)


def _applying(taken: Sequence[_Taken]) -> tuple[Clause, ...]:
    """The clauses that surely take in the item; one on "all other items" only where none names it."""
    sure = [row for row in taken if row.answer == "yes"]
    named = [row for row in sure if row.by == "name"]
    return tuple(row.clause for row in sure if row.by != "rest" or not named)


def _why_to_read(
    taken: Sequence[_Taken], applying: Sequence[Clause], policies: set[ReviewPolicy],
    readings: Sequence[Reading], references: Sequence[Clause],
) -> str:  # fmt: skip
    """Why a person has to read the policy; "" where the text settles it."""
    if any(reading.left_over for reading in readings[-1:]):
        return "A part of the review policy could not be read."
    if any(row.answer == "in part" for row in taken):
        return _NEEDS_PARAGRAPH
    if not policies:
        if references:
            return "The entry states no review policy of its own for this item: it refers to other sections."
        return "The entry states no review policy for this item."
    if len(taken) == 1 and taken[0].by == "rest":
        return "The review policy is for all other items, and does not say other than which."
    if len(policies) > 1:
        return "Two clauses of the review policy take in this item and disagree."
    strictness = STRICTNESS[next(iter(policies))]
    if any(row.answer == "ask" and row.clause.policy not in policies for row in taken):
        return "It depends on whether the item is described in the note that the entry names."
    if any(row.answer == "unsure" and STRICTNESS[row.clause.policy] > strictness for row in taken if row.clause.policy):
        return "A stricter clause may take in this item: it depends on more than its classification."
    if references and strictness < STRICTNESS["presumption of denial"]:
        return "The entry refers to a section that may be stricter."
    return ""
