"""Every number that decides a score, with its default and why.

A configuration is frozen and has a fingerprint; a run stores it, so that a score can be made again later.
Numbers change only with figures from the benchmark (docs/scoring.md), never from one example.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class ScoringConfig:
    """Weights and thresholds. All likenesses and scores are 0.0 to 1.0."""

    # Bands. Below `review` nothing is shown; `strong` needs two people.
    review: float = 0.60
    strong: float = 0.85

    # How much a word says about who is meant, by its class. A distinctive word of five letters or more counts 1.
    weight_trade: float = 0.20  # "Technology": thousands of firms carry it
    weight_institution: float = 0.20  # "Public Security Bureau": one in every county
    weight_country: float = 0.20  # firms add and drop it freely
    weight_place: float = 0.30  # "Hangzhou": a city of many firms
    weight_common: float = 0.50  # "Golden", "Star": words many owners like
    weight_given: float = 0.50  # "Ahmad", "Wang": names many people share
    weight_number: float = 0.50  # "717": distinguishes sister institutes; see number_conflict
    weight_letter: float = 0.25  # a single initial
    weight_short: float = 0.60  # two letters: many firms share an acronym
    weight_three: float = 0.75  # three letters
    weight_four: float = 0.90  # four letters
    weight_word: float = 1.00  # five letters and more
    weight_long: float = 1.15  # eight and more: chance agreement is rare

    # A word counts as matched with at least this likeness (edit distance by length, see features/words.py).
    word_cutoff: float = 0.75
    sound_alike: float = 0.90  # two words that differ in letters but not in sound

    # Likeness of two names: points of the name scorecard (features/names.py). Fitted by logistic regression on the
    # benchmark's probes and clean names of the even SHA-1 half, rounded, and shifted so that the review threshold
    # is met by about 10 of 1,000 clean names. docs/scoring.md has the figures.
    points_start: float = -12.00  # nothing known: not the same party
    points_query: float = 5.00  # the record's words are the listed party's words
    points_listed: float = 1.70  # records shorten names, so the listed side counts less
    points_matched: float = 3.30  # per unit of word weight: more and rarer words, less chance
    points_clash: float = -7.90  # each side has a distinctive word the other has not: Aksu is not Altay
    points_letters: float = 7.50  # the names without spaces, letter by letter
    points_slips: float = -2.60  # the surest word is only similar
    points_vessel: float = -3.20  # a ship called Sunrise is not Sunrise Petroleum, Inc.
    points_person: float = -2.30  # nor is a person a firm
    best_unequal: float = 0.99  # only equal names reach 1.0
    thin_evidence: float = 0.90  # shares count in full from this word weight on
    only_common: float = 0.55  # at most, when no matched word is distinctive and one that is stays unmatched
    number_conflict: float = 0.30  # "717th" and "718th": factor on the likeness
    generic_only: float = 0.75  # equal names in which nothing is distinctive
    family_name: float = 0.50  # factor when a listed person's family name is not in the record
    not_a_person: float = 0.55  # at most, when the record reads as a firm and has a listed person's name
    cut_name: float = 0.90  # the record is the beginning of the listed name, cut off by a short field

    # Other parts of the record, added to the name (or subtracted). They are bounded so that the name decides.
    weak_alias: float = 0.50  # OFAC does not expect screening on weak aliases; they help to confirm
    name_support: float = 0.20  # a name that is somewhat alike, where the address or a number made the match
    name_floor: float = 0.20  # less name likeness than this is chance
    address_support: float = 0.10
    address_alone: float = 0.65  # same door as a named listed party: a person should look
    address_entry: float = 0.90  # entry that lists only an address: the address is the party
    address_floor: float = 0.55  # less address likeness than this is no agreement
    country_agrees: float = 0.03  # weak evidence: most firms of a country are not listed
    country_differs: float = 0.04  # weaker than people think: firms move and list entries name one site
    identifier_support: float = 0.10
    identifier_alone: float = 0.90  # a register number is given once
    identifier_differs: float = 0.15  # the same register gave two numbers: two parties
    kind_differs: float = 0.20  # a person is not a company, a vessel neither

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"{field.name} must be a number, not {value!r}")
            if not field.name.startswith("points_") and not 0.0 <= value <= 2.0:
                raise ValueError(f"{field.name} must lie between 0 and 2, not {value!r}")
        if not 0.0 < self.review <= self.strong <= 1.0:
            raise ValueError("thresholds must satisfy 0 < review <= strong <= 1")

    def as_dict(self) -> dict[str, float]:
        """All settings by name; `from_dict` reads them back."""
        return {field.name: float(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> ScoringConfig:
        """Settings from `as_dict`; a missing one keeps its default. Raises ValueError for a name that is unknown."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"unknown scoring settings: {', '.join(unknown)}")
        return cls(**{name: values[name] for name in values})

    def fingerprint(self) -> str:
        """The first 16 hex digits of the SHA-256 of all settings: equal settings, equal fingerprint."""
        text = json.dumps({name: repr(value) for name, value in sorted(self.as_dict().items())}, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
