"""What a listed entry means for a given item on a given day, with the clauses that say so.

A determination answers one question of several (15 CFR part 744 and the lists beside it). It is never a permission:
what the item's own classification, the destination and the end use ask for is not looked at here. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from . import supplement_2
from .eccn import item_code
from .effects import EFFECTS, LIST_POLICIES, REACHES, Effect, Reach, effects_of, footnotes_of, programs_of_744_8
from .parsers.base import ListedEntry
from .policy_grammar import read
from .policy_reading import Judged, coverage, judge_requirement, judge_review
from .policy_tokens import Clause, ReviewPolicy, Scope

READ = "read it yourself"

Requirement = Literal[
    "license required",
    "not for this item",
    "prohibited",
    "statement required",
    "none from this list",
    "expired order",
    "read it yourself",
]

# What the first effect of an entry says, where no text on items has to be read.
_BY_EFFECT: dict[str, Requirement] = {
    "prohibited": "prohibited",
    "blocked_property": "prohibited",
    "statement_required": "statement required",
    "procurement_ban": "none from this list",
    "securities_limit": "none from this list",
    "import_presumption": "none from this list",
    "warning": "none from this list",
}
# Lists whose entries state their own license requirement.
_WITH_TEXT = frozenset(("EL", "INF"))
_744_8_SINCE = date(2024, 3, 21)
_PART_A, _PART_B = date(2019, 8, 13), date(2020, 8, 13)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A clause with the citation it stands under. `note`: on what it depends, for a clause that may not apply."""

    clause: Clause
    citation: str
    note: str = ""

    @property
    def text(self) -> str:
        """The stretch of the entry, as printed."""
        return self.clause.sentence


@dataclass(frozen=True, slots=True)
class Determination:
    """What one entry means for one item on one day.

    `item` is the classification as read, or as given where it is none. `policy` is None where no application is
    judged by this list. `governing`: the clauses that give the answer, or among which a person has to choose.
    `conditional`: clauses that apply only if more is true than the classification tells; they are no part of the
    answer, which is the stricter one. `left_over`: stretches to be read by a person. `notes`: what limits the answer.
    """

    list_code: str
    name: str
    item: str
    day: date
    requirement: Requirement
    policy: ReviewPolicy | Literal["read it yourself"] | None
    effects: tuple[Effect, ...]
    governing: tuple[Quoted, ...] = ()
    conditional: tuple[Quoted, ...] = ()
    left_over: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    reach: tuple[Reach, ...] = ()
    citations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def to_read(self) -> bool:
        """Whether a person has to read the entry before the answer is whole."""
        return READ in (self.requirement, self.policy) or bool(self.left_over)


def determine(entry: ListedEntry, item: str, day: date, *, described_in_note: bool | None = None) -> Determination:
    """What the entry means for an item ("5A992.c", "EAR99") on a day.

    The caller passes the entry as it read on that day; where the day lies outside the entry's own dates, the answer
    says so and is left to a person. `described_in_note`: whether an EAR99 item is one that a note named in the entry
    describes; None when nobody has looked. Raises KeyError for a list that is not known.
    """
    code = item_code(item)
    answer = Determination(
        list_code=entry.list_code,
        name=entry.name,
        item=code or item.strip(),
        day=day,
        requirement="read it yourself",
        policy=None,
        effects=effects_of(entry.list_code, entry),
        citations=_citations(entry),
        notes=() if code else (f"“{item.strip()}” is neither an ECCN nor EAR99. Classify the item first.",),
    )
    if entry.list_code in _WITH_TEXT:
        answer = _by_text(answer, entry, code, described_in_note)
    elif entry.list_code == "MEU" and not entry.effect:
        answer = _by_supplement_2(answer, code)
    else:
        answer = _by_effect(answer, entry)
    return _on_the_day(answer, entry)


def policy_for(item: str, text: str, *, described_in_note: bool | None = False) -> Clause | None:
    """The clause of a review policy that governs an item: an ECCN such as "5A992.c", or "EAR99".

    None when the text does not settle it: read it yourself. That is so when the item's paragraph is needed ("1A004"
    for "1A004.c"), and when a clause that the item may or may not fall under would be stricter than the one that fits.
    """
    code = item_code(item)
    if not code:
        return None
    judged = judge_review([read(text)], code, described_in_note)
    return judged.governing[0] if judged.policy else None


# --- by the entry's own text -----------------------------------------------------------------------------------------


def _by_text(answer: Determination, entry: ListedEntry, item: str, described_in_note: bool | None) -> Determination:
    asked, judged = read(entry.license_requirement), read(entry.license_policy)
    needed = judge_requirement(asked, item, described_in_note)
    requirement: Requirement = needed.answer
    review = judge_review([asked, judged], item, described_in_note)
    policy: ReviewPolicy | Literal["read it yourself"] | None = review.policy or "read it yourself"
    if requirement == "not for this item":
        policy, review = None, Judged()
    if judged.of_kind("requirement"):
        review = replace(review, notes=(*review.notes, "The review policy reads like a license requirement."))
        policy = "read it yourself"
    cited = entry.citation or "no citation printed"
    footnotes = footnotes_of(entry) if entry.list_code == "EL" else ()
    return replace(
        answer,
        requirement=requirement,
        policy=policy,
        governing=tuple(Quoted(clause, cited) for clause in (*needed.governing, *review.governing)),
        conditional=tuple(
            Quoted(clause, cited, _condition(clause, item)) for clause in (*needed.conditional, *review.conditional)
        ),
        left_over=(*asked.left_over, *judged.left_over),
        exceptions=_exceptions(entry, asked.of_kind("exception"), footnotes),
        reach=tuple(REACHES[sign] for sign in footnotes if sign in REACHES),
        notes=(*answer.notes, *needed.notes, *review.notes, *(clause.sentence for clause in asked.of_kind("reach"))),
    )


def _condition(clause: Clause, item: str) -> str:
    """On what it depends whether a clause takes in the item, in words."""
    if clause.kind == "reference":
        return f"The entry refers to {' and '.join(clause.sections)}. {_READ_IT}"
    scopes, excepted = _open(clause.scopes, item), _open(clause.exceptions, item)
    if excepted and not scopes:
        return f"Does not take in the item if this is so: {excepted}. {_READ_IT}"
    return f"Applies only if the item is one of these: {scopes}. {_READ_IT}"


_READ_IT = "Read it yourself."


def _open(scopes: Iterable[Scope], item: str) -> str:
    """The groups that may take in the item, each quoted."""
    return " or ".join(f"“{scope.text}”" for scope in scopes if coverage(scope, item, None) not in ("yes", "no"))


def _exceptions(entry: ListedEntry, opened: Iterable[Clause], footnotes: Iterable[str]) -> tuple[str, ...]:
    """The license exceptions that are open, as sentences."""
    if entry.list_code != "EL":
        return ("No license exception is named here: read the letter.",)
    own = [f"The entry itself says: “{clause.sentence}”." for clause in opened]
    first = "No license exception is open, except as the entry itself, 15 CFR 744.11(a) or 744.16(b) says."
    signs = tuple(footnotes)
    if "1" in signs:
        own.append("Footnote 1, for foreign-made items under 734.9(e)(1) alone: part 740 is open within 740.2.")
    if "2" in signs:
        own.append("Footnote 2: certain disclosure of security vulnerabilities is outside the requirement. Read it.")
    return (first, *own)


# --- by the list -----------------------------------------------------------------------------------------------------


def _by_supplement_2(answer: Determination, item: str) -> Determination:
    named = supplement_2.names(item, answer.day)
    citations = (*answer.citations, "15 CFR 744.21", supplement_2.CITATION)
    exceptions = ("Only License Exception GOV, 15 CFR 740.11(b)(2)(i) and (ii), is open (744.21(c)).",)
    note = "The list is not exhaustive, and other reasons for a license stay open."
    if named == "yes":
        return replace(
            answer, requirement="license required", policy="presumption of denial", exceptions=exceptions,
            citations=(*citations, "15 CFR 744.21(e)(1)"), notes=(*answer.notes, note),
        )  # fmt: skip
    if named == "no":
        return replace(answer, requirement="not for this item", citations=citations, notes=(*answer.notes, note))
    why = (
        "Supplement no. 2 names this ECCN with a limit. Read supplement no. 2 against the item's data."
        if named == "in part"
        else f"Read supplement no. 2 to part 744 as it stood on {answer.day}."
    )
    return replace(
        answer, policy="read it yourself", exceptions=exceptions, citations=citations, notes=(*answer.notes, why, note)
    )


def _by_effect(answer: Determination, entry: ListedEntry) -> Determination:
    policy = LIST_POLICIES[entry.list_code]
    first = answer.effects[0].code
    requirement: Requirement = _BY_EFFECT.get(first, "read it yourself")
    if len(answer.effects) > 1 and answer.effects[1].code == "read_entry":
        requirement = "read it yourself"
    exceptions: tuple[str, ...] = ()
    notes = [answer.effects[0].sentence]
    review: ReviewPolicy | Literal["read it yourself"] | None = None
    if entry.list_code == "UVL":
        exceptions = ("No license exception may be used (15 CFR 740.2(a)(17)).",)
        notes.append("The statement is for what needs no license; a license needed for another reason stays needed.")
    if entry.list_code == "DPL":
        notes.append("No license exception opens a way around the order (15 CFR 736.2(b)(4)).")
    if entry.list_code == "889":
        notes.append(_parts_of_889(answer.day))
    if entry.list_code == "SDN" and (programs := programs_of_744_8(entry)):
        in_force = answer.day >= _744_8_SINCE
        if not in_force:
            answer = replace(answer, effects=answer.effects[:1])
        review = "presumption of denial" if in_force else "read it yourself"
        exceptions = ("No license exception is open for the requirement of 15 CFR 744.8(c).",) if in_force else ()
        notes.append(
            f"{' and '.join(programs)} stands in 15 CFR 744.8(a)(1): a license under the EAR is needed too, unless "
            "OFAC authorizes or exempts the transaction. An Entity List entry of the same party leads (744.8(d))."
            if in_force
            else f"15 CFR 744.8 has named {' and '.join(programs)} in its present form since {_744_8_SINCE} "
            f"(89 FR 20115). Read part 744 as it stood on {answer.day}."
        )
    return replace(
        answer, requirement=requirement, policy=review, exceptions=exceptions, notes=(*answer.notes, *notes),
        citations=tuple(dict.fromkeys((*answer.citations, policy.authority))),
    )  # fmt: skip


def _parts_of_889(day: date) -> str:
    if day < _PART_A:
        return f"On {day} neither Part A (from {_PART_A}) nor Part B (from {_PART_B}) applied."
    if day < _PART_B:
        return f"On {day} Part A applied: agencies may not buy. Part B applies from {_PART_B}."
    return f"On {day} Part A and Part B applied: agencies may not buy, nor contract with firms that use it."


# --- the day ---------------------------------------------------------------------------------------------------------


def _on_the_day(answer: Determination, entry: ListedEntry) -> Determination:
    """The answer, taken back where the day lies outside the entry's own dates."""
    start, end = _date(entry.start_date), _date(entry.end_date)
    day = answer.day
    if start and end and end < start:
        why = f"The entry's own dates are {start} to {end}, which can't both be right. Read the official text."
    elif start and day < start:
        why = f"The entry's own date is {start}, and {day} lies before it: read what was in force on {day}."
    elif end and day > end and entry.list_code == "DPL":
        why = f"The entry's own end date is {end}: an expired order is information, not a stop. Ask if it was renewed."
        return replace(
            answer, requirement="expired order", policy=None, effects=(EFFECTS["expired_order"],),
            notes=(*answer.notes, why),
        )  # fmt: skip
    elif end and day > end:
        why = f"The entry's own end date is {end}, and {day} lies after it: read what was in force on {day}."
    elif not start:
        return replace(answer, notes=(*answer.notes, "The entry carries no date of its own."))
    else:
        return answer
    return replace(answer, requirement="read it yourself", policy="read it yourself", notes=(*answer.notes, why))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _citations(entry: ListedEntry) -> tuple[str, ...]:
    """The entry's own citations with their dates, and the rules it stands under."""
    own = [f"{citation}, {day}" if day else citation for citation, day in entry.citations]
    if not own and entry.citation:
        own = [entry.citation]
    asked, judged = read(entry.license_requirement), read(entry.license_policy)
    referred = [
        f"15 CFR {section}"
        for reading in (asked, judged)
        for clause in reading.clauses
        for section in clause.sections
    ]  # fmt: skip
    rule = ["15 CFR 744.11(a)"] if entry.list_code == "EL" else []
    return tuple(dict.fromkeys((*own, *rule, *referred)))
