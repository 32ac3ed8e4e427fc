"""What an entry means: effects side by side, its texts as clauses, and the answer for one item on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.watchlists import as_of, dated_rules, switches
from compliance.watchlists.effects import Effect, effects_of
from compliance.watchlists.models import Entry, EntryRevision
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.policy import Determination, determine
from compliance.watchlists.policy_grammar import read
from compliance.watchlists.policy_tokens import Clause

KINDS = {
    "requirement": "A license is required for", "review": "BIS reviews by", "reference": "Read", "exception": "Open",
    "reach": "Reaches further",
}  # fmt: skip
# What of business an effect touches, for the effects whose code doesn't begin with "license_required".
AREAS = {
    "prohibited": "Any dealing", "statement_required": "Export", "procurement_ban": "Federal sales",
    "securities_limit": "Securities", "import_presumption": "Imports", "blocked_property": "Payments",
    "program_specific": "Payments", "debarred": "Defense articles", "own_stop": "Company rule",
    "foreign_sanctions": "Other law", "warning": "Red flag",
}  # fmt: skip


@dataclass(frozen=True)
class EffectRow:
    """One effect with the part of business it touches."""

    area: str
    effect: Effect


@dataclass(frozen=True)
class ClauseRow:
    """A clause in words, with the stretch of the text that it was read from."""

    clause: Clause
    kind: str
    items: str
    note: str


@dataclass(frozen=True)
class TextReading:
    """One text of an entry as clauses, and what nobody but a person can read."""

    title: str
    printed: str
    clauses: tuple[ClauseRow, ...]
    left_over: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What the entry means for one item on one day. `determination` is None when nothing was in force that day."""

    item: str
    then: as_of.OnDay
    determination: Determination | None
    switches: list[switches.Reading]
    first: EntryRevision | None
    later: str = ""  # that a notice came between the text and the day, and its words are not stored

    @property
    def day(self) -> date:
        return self.then.day

    @property
    def text(self) -> as_of.SourceText | None:
        return self.then.leading


def effect_rows(list_code: str, listed: ListedEntry) -> list[EffectRow]:
    """All effects of an entry, none merged into another."""
    return [EffectRow(area_of(effect), effect) for effect in effects_of(list_code, listed)]


def area_of(effect: Effect) -> str:
    if effect.code.startswith(("license_required", "foreign_made")):
        return "Export"
    return AREAS.get(effect.code, "Read it")


def readings_of(listed: ListedEntry) -> list[TextReading]:
    """The license requirement and the review policy, each as clauses; a text that isn't printed is left out."""
    texts = (("License requirement", listed.license_requirement), ("Review policy", listed.license_policy))
    return [text_reading(title, printed) for title, printed in texts if printed]


def text_reading(title: str, printed: str) -> TextReading:
    reading = read(printed)
    return TextReading(title, printed, tuple(clause_row(clause) for clause in reading.clauses), reading.left_over)


def clause_row(clause: Clause) -> ClauseRow:
    if clause.kind == "reference":
        items = ", ".join([*clause.sections, *(f"footnote {sign}" for sign in clause.footnotes)])
    elif clause.kind == "exception":
        items = ", ".join(clause.codes)
    else:
        items = "; ".join(scope.text for scope in clause.scopes) or "every item the entry covers"
    notes = [f"not for {scope.text}" for scope in clause.exceptions]
    notes += [f"only where {condition}" for condition in clause.conditions if condition not in items]
    return ClauseRow(clause, KINDS[clause.kind], items, "; ".join(notes))


def answer_for(entry: Entry, item: str, day: date) -> Answer:
    """The entry, as it read on that day, asked about one item. Raises Invalid for a day nobody can ask about."""
    then = as_of.on_day(entry, day)
    text = then.leading
    if text is None:
        return Answer(item, then, None, [], as_of.first_text(entry))
    later = as_of.later_words(as_of.later_notices(entry, then))
    return Answer(item, then, determine(text.listed, item, day), dated_rules.touching(text.listed, day), None, later)
