"""What every list parser gives back: entries, problems by line, and what a change changes.

Plain frozen values without Django, so that a parser can be run and tested on bytes alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Severity = Literal["damaged", "unreadable"]
Form = Literal["whole", "change"]

# "address": the entry names no party; whoever uses the address falls under it (Entity List, since 2024-06-12).
KINDS = ("person", "organization", "vessel", "aircraft", "address", "unknown")

# The thirteen lists of the Consolidated Screening List, by the code the product uses for each.
CSL_LISTS = ("EL", "DPL", "UVL", "MEU", "SDN", "SSI", "FSE", "PLC", "CAP", "DTC", "ISN", "CMIC", "MBS")
# What comes from elsewhere: United Nations, United Kingdom, UFLPA Entity List, section 1260H, section 889,
# "is informed" letters, the company's own watch list, OpenSanctions data sets.
LIST_CODES = (*CSL_LISTS, "UN", "UK", "UFLPA", "1260H", "889", "INF", "OWN", "OS")
# The lists that the CSV form of our own carries (parsers/form.py).
FORM_LISTS = ("UFLPA", "1260H", "889", "INF", "OWN")

# Lists kept by OFAC, whose entity number is an official identity.
OFAC_LISTS = frozenset({"SDN", "SSI", "FSE", "PLC", "CAP", "CMIC", "MBS"})


class RefusedFile(ValueError):
    """A file that cannot become a list version at all; nothing of it is kept but the raw bytes.

    `code` is stable for programs. The message says what the file is not, where, and the cure.
    """

    def __init__(self, code: str, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """One address as printed; `country` is its ISO alpha-2 code, or "" when none is printed."""

    text: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One row of a list as it reads in one version.

    Texts are as printed, with outer white space taken off. Dates are ISO, or "" when unknown or
    impossible; what was printed stands in the `_raw` field beside them. `marks` names the damage
    found in this row and is no part of its content.

    `destination`: the ISO code of the country the entry stands under, where a list is ordered by country.
    `weak_aliases`: names that the list itself calls weak; they help to confirm, and are not screened on.
    `footnotes`: the signs of footnotes to the license requirement ("1", "4").
    `citations`: every Federal Register citation read from `citation`, as ("84 FR 54004", "2019-10-09" or "").
    `effect`: the entry's own effect, as a code of effects.EFFECTS; empty means that of its list.
    """

    list_code: str
    name: str
    aliases: tuple[str, ...] = ()
    addresses: tuple[ListedAddress, ...] = ()
    kind: str = "unknown"
    entity_number: str = ""
    programs: tuple[str, ...] = ()
    title: str = ""
    license_requirement: str = ""
    license_policy: str = ""
    citation: str = ""
    start_date: str = ""
    end_date: str = ""
    start_date_raw: str = ""
    end_date_raw: str = ""
    standard_order: str = ""
    remarks: str = ""
    source_list_url: str = ""
    citizenships: tuple[str, ...] = ()
    nationalities: tuple[str, ...] = ()
    dates_of_birth: tuple[str, ...] = ()
    places_of_birth: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    vessel: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = ()
    destination: str = ""
    weak_aliases: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    citations: tuple[tuple[str, str], ...] = ()
    effect: str = ""

    @property
    def countries(self) -> tuple[str, ...]:
        """The destination it stands under, if any, then the distinct countries of the addresses as printed."""
        codes = (self.destination, *(address.country for address in self.addresses))
        return tuple(dict.fromkeys(code for code in codes if code))

    def as_dict(self) -> dict[str, Any]:
        """The entry as plain JSON values; `from_dict` reads it back unchanged."""
        return {name: _plain(getattr(self, name)) for name in ENTRY_FIELDS}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ListedEntry:
        """The entry that `as_dict` wrote. A key it does not know raises ValueError."""
        unknown = sorted(set(data) - set(ENTRY_FIELDS))
        if unknown:
            raise ValueError(f"A listed entry has no field {', '.join(unknown)}.")
        values = {name: _value(name, value) for name, value in data.items()}
        return cls(**values)


ENTRY_FIELDS = tuple(field.name for field in fields(ListedEntry))


def _plain(value: Any) -> Any:
    if isinstance(value, ListedAddress):
        return {"text": value.text, "country": value.country}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _value(name: str, value: Any) -> Any:
    if name == "addresses":
        return tuple(ListedAddress(text=item["text"], country=item.get("country", "")) for item in value)
    if name in ("vessel", "citations"):
        return tuple((str(key), str(fact)) for key, fact in value)
    return tuple(value) if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of one row. `damaged`: loaded and marked. `unreadable`: not loaded, holds the version."""

    line: int
    code: str
    message: str
    severity: Severity


@dataclass(frozen=True)
class RuleFacts:
    """What a rule says about itself. Times are ISO 8601 as printed, or "" when unknown.

    `savings_cutoff`: goods en route by then under an actual order may go on; `savings_end`: by when they must arrive.
    """

    source: str
    list_code: str
    title: str
    citation: str
    document_number: str = ""
    announced: str = ""
    published: str = ""
    effective: str = ""
    inspection: str = ""
    savings_cutoff: str = ""
    savings_end: str = ""


@dataclass(frozen=True)
class Revision:
    """A change of one listed entry: `changes` maps fields of ListedEntry to their new values."""

    name: str
    country: str
    list_code: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Removal:
    """One entry taken off a list. An empty `country` means: whatever its country."""

    name: str
    country: str
    list_code: str


@dataclass(frozen=True)
class ParsedList:
    """One file, read. For a `whole` the entries are all there are, for a `change` those added.

    `lines`: where each entry begins. `notes`: texts of the list that are no entry, as (label, text): footnotes.
    `edition`: the day that the file gives itself, ISO, or "".
    """

    form: Form
    entries: tuple[ListedEntry, ...]
    lines: tuple[int, ...] = ()
    revised: tuple[Revision, ...] = ()
    removed: tuple[Removal, ...] = ()
    problems: tuple[Problem, ...] = ()
    rule: RuleFacts | None = None
    notes: tuple[tuple[str, str], ...] = ()
    edition: str = ""

    @property
    def unreadable(self) -> tuple[Problem, ...]:
        """The rows that could not be read, in file order."""
        return tuple(problem for problem in self.problems if problem.severity == "unreadable")

    @property
    def problem_counts(self) -> dict[str, int]:
        """How often each problem code occurs, the most frequent first."""
        return dict(Counter(problem.code for problem in self.problems).most_common())

    @property
    def list_counts(self) -> dict[str, int]:
        """Entries of this file by list code, the longest list first."""
        return dict(Counter(entry.list_code for entry in self.entries).most_common())
