"""The name-screening engine: plain values in, explained scores out. No Django, no clock, no network.

A score is a pure function of two records, ENGINE_VERSION and a ScoringConfig; docs/scoring.md explains one.
"""

from screening.config import ScoringConfig
from screening.index import Index
from screening.screen import screen_batch, screen_party
from screening.types import Address, Entry, Evidence, Identifier, Match, Name, Party, Screening

ENGINE_VERSION = "1.0"

__all__ = [
    "ENGINE_VERSION",
    "Address",
    "Entry",
    "Evidence",
    "Identifier",
    "Index",
    "Match",
    "Name",
    "Party",
    "ScoringConfig",
    "Screening",
    "screen_batch",
    "screen_party",
]
