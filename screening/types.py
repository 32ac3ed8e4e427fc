"""The values that go into the engine and come out of it: frozen, plain, comparable.

Raw text is kept everywhere: folding happens inside the engine and never replaces what a person typed.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME_KINDS = ("legal", "trading", "former", "other_script", "alias", "weak_alias")
PARTY_KINDS = ("person", "organization", "vessel", "aircraft", "unknown")
REVIEW = "review"
STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling of a party's name; `kind` is one of NAME_KINDS. A `weak_alias` supports, it never raises alone."""

    text: str
    kind: str = "legal"

    def __post_init__(self) -> None:
        if self.kind not in NAME_KINDS:
            raise ValueError(f"unknown kind of name {self.kind!r}; one of {', '.join(NAME_KINDS)}")


@dataclass(frozen=True, slots=True)
class Address:
    """One address as written; `country` is ISO 3166-1 alpha-2, or empty when not known."""

    text: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that a register gave: `kind` is free text such as "lei", "uscc", "imo", "passport"."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Party:
    """A record of ours: the counterparty that is screened."""

    id: str
    names: tuple[Name, ...]
    addresses: tuple[Address, ...] = ()
    country: str = ""
    identifiers: tuple[Identifier, ...] = ()
    kind: str = "unknown"

    def __post_init__(self) -> None:
        if self.kind not in PARTY_KINDS:
            raise ValueError(f"unknown kind of party {self.kind!r}; one of {', '.join(PARTY_KINDS)}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed party. `names` is empty for an entry that lists only an address."""

    id: str
    names: tuple[Name, ...]
    addresses: tuple[Address, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    kind: str = "unknown"
    list_code: str = ""

    def __post_init__(self) -> None:
        if self.kind not in PARTY_KINDS:
            raise ValueError(f"unknown kind of entry {self.kind!r}; one of {', '.join(PARTY_KINDS)}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One part of a score. `query` and `listed` are the raw texts compared.

    `score` is the likeness, 0.0 to 1.0; `weight` may be negative (a contradiction). `contribution` is a whole
    number of thousandths, so parts printed as 0 to 100 with one decimal add up to the printed total.
    """

    feature: str
    query: str
    listed: str
    score: float
    weight: float

    @property
    def contribution(self) -> float:
        """What this part adds to the score (0.0 to 1.0; negative for a contradiction)."""
        return round(self.score * self.weight, 3)


@dataclass(frozen=True, slots=True)
class Match:
    """A finding of the engine: a question for a person, not a verdict. Only bands `review` and `strong` exist."""

    party_id: str
    entry_id: str
    score: float
    band: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer for one party: its matches, best first.

    `screenable` is False when the record holds nothing that could match (no name with a letter that
    distinguishes, no address, no identifier): that is not the same as "no match".
    """

    party_id: str
    screenable: bool
    matches: tuple[Match, ...]
