"""Evidence to one score and band. The score is the sum of the contributions that the officer sees."""

from __future__ import annotations

from collections.abc import Sequence

from screening.config import ScoringConfig
from screening.features.addresses import AddressForm, compare_addresses
from screening.features.identifiers import conflicting_identifier, equal_identifier
from screening.features.names import compare_names
from screening.records import Record, read_entry, read_party
from screening.tokens import NameForm
from screening.types import REVIEW, STRONG, Entry, Evidence, Match, Party


def score(party: Party, entry: Entry, config: ScoringConfig | None = None) -> Match | None:
    """Compare one party with one entry; None when the pair is clear (below the review band)."""
    config = config or ScoringConfig()
    return compare(read_party(party, config), read_entry(entry, config), config)


def compare(
    party: Record,
    entry: Record,
    config: ScoringConfig,
    *,
    floor: float | None = None,
    pairs: Sequence[tuple[int, int]] | None = None,
) -> Match | None:
    """Compare two read records; None below `floor` (default: the review threshold).

    `pairs` limits which names are compared, by their places on both sides: the index leaves out only pairs that
    cannot reach the floor, so the answer is the same without it.

    The base is the strongest of: the name, an equal register number, the same door. Everything else supports it
    or speaks against it within the bounds of the configuration.
    """
    name = _name_part(party, entry, pairs, config)
    address = _best_address(party.addresses, entry.addresses)
    number = equal_identifier(party.identifiers, entry.identifiers)
    address_weight = config.address_entry if entry.address_only else config.address_alone
    bases = [
        (name.contribution if name else 0.0, "name"),
        (config.identifier_alone if number else 0.0, "identifier"),
        (address[0] * address_weight if address else 0.0, "address"),
    ]
    base = max(bases, key=lambda pair: pair[0])[1]
    parts: list[Evidence] = []
    if name is not None and base == "name":
        parts.append(name)
    if name is not None and base != "name" and name.score >= config.name_floor:
        parts.append(_evidence(name.feature, name.query, name.listed, name.score, config.name_support * name.weight))
    if number:
        weight = config.identifier_alone if base == "identifier" else config.identifier_support
        parts.append(_evidence("identifier", *number, 1.0, weight))
    if address is not None and (base == "address" or address[0] >= config.address_floor):
        weight = address_weight if base == "address" else config.address_support
        parts.append(_evidence("address", address[1], address[2], address[0], weight))
    parts += _country_part(party, entry, base, config) + _contradictions(party, entry, base, number is None, config)
    parts = [part for part in parts if part.contribution != 0.0]
    total = round(sum(part.contribution for part in parts), 3)
    if not 0.0 <= total <= 1.0:
        capped = min(1.0, max(0.0, total))
        parts.append(Evidence("cap", "", "", 1.0, round(capped - total, 3)))
        total = capped
    if total < (config.review if floor is None else floor) or total <= 0.0:
        return None
    return Match(party.id, entry.id, total, STRONG if total >= config.strong else REVIEW, tuple(parts))


def _evidence(feature: str, query: str, listed: str, likeness: float, weight: float) -> Evidence:
    """A part whose contribution is a whole number of thousandths, so that printed parts add up."""
    contribution = round(likeness * weight, 3)
    return Evidence(feature, query, listed, contribution / weight if weight else 0.0, weight)


def _name_part(
    party: Record, entry: Record, pairs: Sequence[tuple[int, int]] | None, config: ScoringConfig
) -> Evidence | None:
    if pairs is None:
        pairs = [(i, j) for i in range(len(party.names)) for j in range(len(entry.names))]
    best: tuple[float, int, int, float] | None = None
    for i, j in sorted(pairs):
        (query, query_kind), (listed, listed_kind) = party.names[i], entry.names[j]
        likeness = compare_names(query, listed, config, kind=entry.kind).likeness
        weight = config.weak_alias if "weak_alias" in (query_kind, listed_kind) else 1.0
        if best is None or round(likeness * weight, 3) > best[0]:
            best = (round(likeness * weight, 3), i, j, likeness)
    if best is None:
        return None
    _, i, j, likeness = best
    (query, query_kind), (listed, listed_kind) = party.names[i], entry.names[j]
    if "weak_alias" in (query_kind, listed_kind):
        return _evidence("weak_alias", query.raw, listed.raw, likeness, config.weak_alias)
    feature = "trade_name" if _by_trade_name(query, listed) else "name"
    return _evidence(feature, query.raw, listed.raw, likeness, 1.0)


def _by_trade_name(query: NameForm, listed: NameForm) -> bool:
    """Whether the names meet only through the supplementary table, on one side of the comparison."""
    ours = {token.text for token in query.tokens if token.origin == "trade_name"}
    theirs = {token.text for token in listed.tokens if token.origin == "trade_name"}
    words = {t.text for t in query.tokens} & {t.text for t in listed.tokens}
    return bool((ours ^ theirs) & words)


def _best_address(ours: tuple[AddressForm, ...], theirs: tuple[AddressForm, ...]) -> tuple[float, str, str] | None:
    best: tuple[float, str, str] | None = None
    for query in ours:
        for listed in theirs:
            likeness = compare_addresses(query, listed)
            if best is None or likeness > best[0]:
                best = (likeness, query.raw, listed.raw)
    return best


def _country_part(party: Record, entry: Record, base: str, config: ScoringConfig) -> list[Evidence]:
    if base != "name" or not party.countries or not entry.countries:
        return []
    shown = (", ".join(party.countries), ", ".join(entry.countries))
    if set(party.countries) & set(entry.countries):
        return [_evidence("country", *shown, 1.0, config.country_agrees)]
    return [_evidence("country", *shown, 1.0, -config.country_differs)]


def _contradictions(
    party: Record, entry: Record, base: str, no_equal_number: bool, config: ScoringConfig
) -> list[Evidence]:
    parts: list[Evidence] = []
    conflict = conflicting_identifier(party.identifiers, entry.identifiers) if no_equal_number else None
    if conflict:
        parts.append(_evidence("identifier", *conflict, 1.0, -config.identifier_differs))
    if base == "name" and "unknown" not in (party.kind, entry.kind) and party.kind != entry.kind:
        parts.append(_evidence("kind", party.kind, entry.kind, 1.0, -config.kind_differs))
    return parts
