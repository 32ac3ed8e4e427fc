"""Between stored records and the screening engine: one place that turns rows into its values and keeps indexes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from compliance.watchlists.models import EntryRevision
from screening import Address, Entry, Identifier, Index, Name, Party, ScoringConfig

_INDEXES: dict[str, Index] = {}  # by what is in it; a process keeps the two it used last
_KEPT = 2


def config() -> ScoringConfig:
    """The scoring settings in use."""
    return ScoringConfig()


def as_party(party_id: str, facts: Mapping[str, Any]) -> Party:
    """A counterparty's facts (see `Counterparty.facts`) as the engine takes them."""
    names = [Name(facts["name"], "legal")]
    names += [Name(item["text"], item.get("kind") or "trading") for item in facts["other_names"]]
    return Party(
        id=party_id,
        names=tuple(names),
        addresses=tuple(Address(a["text"], a.get("country") or facts["country"]) for a in facts["addresses"]),
        country=facts["country"],
        identifiers=tuple(Identifier(i["kind"], i["value"]) for i in facts["identifiers"]),
    )


def as_entry(revision_id: int, list_code: str, text: Mapping[str, Any]) -> Entry:
    """An entry's stored text as the engine takes it; its id is the revision's."""
    addresses = tuple(Address(a["text"], a.get("country") or "") for a in text["addresses"])
    return Entry(
        id=str(revision_id),
        names=(Name(text["name"], "legal"), *(Name(alias, "alias") for alias in text["aliases"])),
        addresses=addresses,
        countries=tuple(dict.fromkeys(a.country for a in addresses if a.country)),
        identifiers=tuple(identifier_of(item) for item in text["identifiers"]),
        kind=text["kind"],
        list_code=list_code,
    )


def identifier_of(printed: str) -> Identifier:
    """ "Passport, 123456, RU" as printed in the CSL: the kind, then the number."""
    kind, _comma, rest = printed.partition(",")
    return Identifier(kind.strip().lower(), rest.split(",")[0].strip() or printed)


def index_of(revision_ids: Iterable[int]) -> Index:
    """The index over exactly these revisions, built once per content and settings and kept in this process."""
    ids = sorted(revision_ids)
    settings = config()
    digest = hashlib.sha256(f"{settings.fingerprint()}:{ids}".encode()).hexdigest()
    index = _INDEXES.pop(digest, None)
    if index is None:
        index = Index.build(entries_of(ids), settings)
    _INDEXES[digest] = index
    while len(_INDEXES) > _KEPT:
        _INDEXES.pop(next(iter(_INDEXES)))
    return index


def entries_of(ids: list[int]) -> Iterable[Entry]:
    """Stored texts as engine entries, in chunks."""
    for start in range(0, len(ids), 500):
        rows = EntryRevision.objects.filter(pk__in=ids[start : start + 500]).order_by("pk")
        for pk, list_code, text in rows.values_list("pk", "entry__list_code", "text"):
            yield as_entry(pk, list_code, text)


def watched_index() -> Index:
    """The index over everything in force or known to come."""
    return index_of(EntryRevision.objects.watched().values_list("pk", flat=True))
