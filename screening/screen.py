"""One party, or a batch of parties, against an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from screening.index import Index, Pairs
from screening.records import Record, read_party
from screening.score import compare
from screening.types import Match, Party, Screening


def screen_party(party: Party, index: Index) -> Screening:
    """Screen one party: every entry at or above the review threshold, best first."""
    return screen_batch([party], index)[0]


def screen_batch(parties: Sequence[Party], index: Index, *, floor: float | None = None) -> list[Screening]:
    """Screen many parties; the same results as one by one, in the order given.

    `floor` (0.0 to 1.0; default the review threshold) lowers what is returned, for measuring: matches below the
    review threshold then carry the band "review" although no screen shows them.
    """
    limit = index.config.review if floor is None else floor
    records = [read_party(party, index.config) for party in parties]
    # Country and address may lift a pair over the threshold.
    support = index.config.country_agrees
    if any(record.addresses for record in records):
        support += index.config.address_support
    candidates = index.candidates(records, limit - support)
    return [_screen(record, found, index, limit) for record, found in zip(records, candidates, strict=True)]


def _screen(record: Record, candidates: Mapping[int, Pairs | None], index: Index, floor: float) -> Screening:
    matches: list[Match] = []
    for position in sorted(candidates):
        match = compare(record, index.entries[position], index.config, floor=floor, pairs=candidates[position])
        if match is not None:
            matches.append(match)
    matches.sort(key=lambda match: (-match.score, match.entry_id))
    return Screening(record.id, record.screenable, tuple(matches))
